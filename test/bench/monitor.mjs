// What watching costs a picture: `pnpm bench monitor [--json]`. Microseconds of a processor, the median of rounds.

import { lookOf } from '../../packages/inference/dist/decode/look.js';
import { WindowSketch } from '../../packages/monitor/dist/index.js';

const rounds = 15;
const pictures = 20_000;

/** Of single calls, in microseconds of a processor: others on the machine do not count. */
function median(work) {
  const took = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = process.cpuUsage();
    for (let at = 0; at < pictures; at++) work(at);
    const { user, system } = process.cpuUsage(startedAt);
    took.push((user + system) / pictures);
  }
  return took.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

/** Microseconds a picture, of each part and at most. */
export function monitorCost() {
  const sketch = new WindowSketch({ model: `sha256:${'0'.repeat(64)}` });
  const lines = Array.from({ length: 965 }, (_, at) => ({
    width: 1600,
    height: 1200 - at,
    predictions: [0.7, 0.2, 0.05].map((score, place) => ({ label: `class ${(at + place) % 965}`, index: at, score })),
  }));
  const sizes = [224, 299, 384];
  const inputs = sizes.flatMap((size) => [
    { size, type: 'uint8', pixels: Uint8Array.from({ length: size * size * 3 }, (_, at) => (at * 31) % 256) },
    { size, type: 'float32', pixels: Float32Array.from({ length: size * size * 3 }, (_, at) => (at * 31) % 256) },
  ]);
  const line = median((at) => sketch.add(lines[at % lines.length], at));
  const look = inputs.map(({ size, type, pixels }) => ({ size, type, us: median(() => lookOf(pixels, size, size)) }));
  const told = median((at) => sketch.look({ brightness: at % 256, sharpness: 1 + (at % 40) }));
  const most = line + told + Math.max(...look.map(({ us }) => us));
  return { rounds, pictures, lineUs: line, tellUs: told, look, mostUs: most };
}

export function run(args) {
  const cost = monitorCost();
  if (args.includes('--json')) return console.log(JSON.stringify(cost, null, 2));
  const { lineUs, tellUs, look, mostUs } = cost;
  console.log(`counting a line ${lineUs.toFixed(2)} us, telling a look ${tellUs.toFixed(2)} us`);
  for (const { size, type, us } of look) console.log(`looking at ${size} x ${size} ${type}: ${us.toFixed(2)} us`);
  console.log(`together at most ${mostUs.toFixed(2)} us a picture`);
}
