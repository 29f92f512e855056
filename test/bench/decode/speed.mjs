import { inTurns } from '../classify/turns.mjs';
import { median } from '../fleet/figures.mjs';

/** Pictures a second of both, in turns, from memory, so many at a time as a folder's are. */
export async function speedOf(pictures, classifiers, rounds) {
  const contestant = (classifier) => () => classifyAll(pictures, classifier);
  const seen = await inTurns({ exact: contestant(classifiers.exact), fast: contestant(classifiers.fast) }, rounds);
  const perSecond = (ms) => (pictures.length * 1000) / ms;
  return {
    pictures: pictures.length,
    megapixels: pictures.reduce((sum, { width, height }) => sum + width * height, 0) / pictures.length / 1e6,
    exactPerSecond: perSecond(median(seen.exact.ms)),
    fastPerSecond: perSecond(median(seen.fast.ms)),
    ratio: median(seen.exact.ms.map((ms, i) => ms / seen.fast.ms[i])),
    cpuRatio: median(seen.exact.cpuMs.map((ms, i) => ms / seen.fast.cpuMs[i])),
    rounds,
  };
}

const atATime = 32;

/** Resolves to the first label of each, or its error. */
export async function classifyAll(pictures, classifier) {
  const outcomes = [];
  let next = 0;
  const lane = async () => {
    while (next < pictures.length) {
      const at = next++;
      outcomes[at] = await classifier.classify(new Uint8Array(pictures[at].bytes), { top: 1 }).then(
        ({ predictions: [best] }) => ({ label: best.label, score: best.score }),
        ({ code }) => ({ error: code }),
      );
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return outcomes;
}
