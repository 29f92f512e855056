// A producer that ends itself with SIGKILL after so many durable steps. Arguments: store, pictures, step to die after.
import { JobLedger } from '@rookery/jobs';
import { FsStore } from '@rookery/storage';
import { enqueueJob } from '../dist/index.js';

const [storeFolder, picturesFolder, dieAfter, request] = process.argv.slice(2);
const ledger = new JobLedger(new FsStore(storeFolder, { sync: false }));
const pictures = new FsStore(picturesFolder, { sync: false });
let steps = 0;
await enqueueJob(JSON.parse(request), {
  ledger,
  open: () => pictures,
  entriesPerChunk: 8,
  onStep: () => {
    if (++steps === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  },
});
