// A process with a classifier: `node work.mjs MODEL HOW`, where MODEL is a looking-glass model as JSON with its graph in base64.
import { readFileSync } from 'node:fs';
import { openClassifier } from '../../dist/index.js';

const [modelFile, how, ...pictureFiles] = process.argv.slice(2);
const model = JSON.parse(readFileSync(modelFile, 'utf8'));
model.graph.bytes = Buffer.from(model.graph.bytes, 'base64');
const pictures = pictureFiles.map((file) => readFileSync(file));
const classifier = await openClassifier(model, how === 'background' ? { background: true } : {});
const classify = (index) => classifier.classify(new Uint8Array(pictures[index % pictures.length]), { top: 1 });

if (how === 'dispose') {
  await Promise.all([0, 1, 2].map(classify));
  await classifier[Symbol.asyncDispose]();
  console.log(JSON.stringify(process.getActiveResourcesInfo().filter((it) => /Worker|MessagePort/.test(it))));
} else if (how === 'leave') {
  await classify(0);
  console.log('labelled');
} else if (how === 'exit' || how === 'background') {
  for (let i = 0; i < 40; i++) void classify(i).then(() => i === 12 && process.exit(3));
} else if (how === 'crash') {
  for (let i = 0; i < 40; i++) void classify(i).then(() => i === 12 && Promise.reject(new Error('as planned')));
} else if (how === 'memory') {
  const outcomes = {};
  await Promise.all(
    Array.from({ length: 32 }, (_, i) =>
      classify(i).then(
        () => (outcomes.labelled = (outcomes.labelled ?? 0) + 1),
        ({ code }) => (outcomes[code] = (outcomes[code] ?? 0) + 1),
      ),
    ),
  );
  await classifier[Symbol.asyncDispose]();
  console.log(JSON.stringify({ outcomes, maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
}
