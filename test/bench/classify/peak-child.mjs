import { readFile } from 'node:fs/promises';
import { openClassifier } from '@rookery/inference';
import { openRegistry } from '@rookery/models';

const [folder, count, ...paths] = process.argv.slice(2);
const files = await Promise.all(paths.map((path) => readFile(path)));
const rssMb = () => Math.round(process.memoryUsage.rss() / 2 ** 20);
const classifier = await openClassifier(await openRegistry({ folder }).load('birds'), { tuning: 'never' });
const openedMb = rssMb();
let next = 0;
const lane = async () => {
  while (next < Number(count)) await classifier.classify(new Uint8Array(files[next++ % files.length]), { top: 3 });
};
await Promise.all(Array.from({ length: 64 }, lane));
await classifier[Symbol.asyncDispose]();
console.log(JSON.stringify({ openedMb, endMb: rssMb(), peakMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
