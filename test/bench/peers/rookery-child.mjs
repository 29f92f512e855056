// Rookery's classifier as a process that speaks the lines of test/peers/speed: `node rookery-child.mjs REGISTRY REFERENCE VARIANT THREADS`.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { openClassifier } from '@rookery/inference';
import { openRegistry } from '@rookery/models';

const [folder, reference, variant, threads] = process.argv.slice(2);
const model = await openRegistry({ folder }).load(reference, { variant });
const classifier = await openClassifier(model, { threads: Number(threads), decoders: Number(threads) });
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const { engine, decoder } = classifier.pin;
say({ ready: true, versions: { node: process.version, [`${engine.name}-node`]: engine.version, decoder } });

for await (const line of createInterface({ input: process.stdin })) {
  const label = async (path) => {
    const { predictions } = await classifier.classify(new Uint8Array(await readFile(path)), { top: 1 });
    return [predictions[0].index, predictions[0].score];
  };
  say({ best: await Promise.all(JSON.parse(line).paths.map(label)) });
}
await classifier[Symbol.asyncDispose]();
