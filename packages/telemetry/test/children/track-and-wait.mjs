// Begins a run, logs, and waits to be killed.
import { wandbTracker } from '../../dist/index.js';

const run = wandbTracker(JSON.parse(process.argv[2])).start({ id: 'killed', name: 'killed', config: {} });
for (const at of [0, 1, 2]) run.log({ at });
setTimeout(() => console.log('logged'), 1_500);
setInterval(() => {}, 1_000);
