import { openClassifier } from '@rookery/inference';
import { explainInThread } from '@rookery/optimizer';
import { inTurns, summarise } from '../classify/turns.mjs';

const size = 8;
const tops = [1, 2, 3];

/** For the best one, two and three labels: milliseconds of a batch without and with maps. */
export async function measureExplained(model, rounds) {
  const classifier = await openClassifier(model, { tuning: 'never', batch: size, explainGraphs: explainInThread });
  try {
    const pictures = noise(model.preprocessing);
    const contestants = {
      plain: () => aBatch(classifier, pictures, 0),
      ...Object.fromEntries(tops.map((top) => [`best ${top}`, () => aBatch(classifier, pictures, top)])),
    };
    const seen = await inTurns(contestants, rounds);
    return tops.map((top) => {
      const { plain, ratio, cpuRatio, rounds: pairs, ...others } = summarise(seen, `best ${top}`, 'plain');
      const explained = others[`best ${top}`];
      return {
        top,
        plainMs: plain.ms,
        explainedMs: explained.ms,
        ratio,
        plainCpuMs: plain.cpuMs,
        explainedCpuMs: explained.cpuMs,
        cpuRatio,
        pairs,
      };
    });
  } finally {
    await classifier[Symbol.asyncDispose]();
  }
}

/**
 * A picture keeps the engine busy while eight others are made ready; they are the next batch. Where they were not in time, or its answer was
 * late, that batch does not count and another is tried.
 */
async function aBatch(classifier, pictures, explain) {
  for (let attempt = 0; attempt < 2_000; attempt++) {
    const first = classifier.classifyPixels(pictures[0].slice(), { top: 3 });
    const batch = Promise.all(pictures.map((each) => classifier.classifyPixels(each.slice(), { top: 3, explain })));
    await first;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const answers = await batch;
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpuBefore);
    if (answers.some(({ explanation }) => explanation?.method === 'rise')) throw new Error('its head is not known');
    const inTime = ({ timings }) => timings.batchSize === size && timings.inferMs < ms;
    if (answers.every(inTime)) return { ms, cpuMs: (user + system) / 1000 };
  }
  throw new Error('the engine is faster than pictures are given to it');
}

/** What is in a picture makes no difference to its time. */
const noise = ({ width, height }) =>
  Array.from({ length: size }, (_, n) =>
    Uint8Array.from({ length: width * height * 3 }, (_, at) => ((at + n) * 2654435761) >>> 24),
  );
