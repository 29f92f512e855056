import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openClassifier } from '@rookery/inference';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodePixels } from '../../../packages/inference/dist/decode/decode-pixels.js';
import { probe } from '../../../packages/inference/dist/decode/probe.js';
import { PixelBuffers } from '../../../packages/inference/dist/decode/thread/pixel-buffers.js';
import { median, round } from '../fleet/figures.mjs';

const cores = os.availableParallelism();
const batch = 8;
const parts = 5;
const maxPixels = 50_000_000;

/**
 * (4) and (5): pictures from memory against 1 / (seconds of decoding a picture + seconds of inference a picture, each on all cores), in
 * turns of a fifth each; and how long the main thread is held up meanwhile.
 */
export async function measureLimit(files, model, pictures) {
  const share = Math.ceil(pictures / parts);
  const session = await InferenceSession.create(model.graph.path ?? model.graph.bytes, {
    intraOpNumThreads: cores,
    logSeverityLevel: 3,
  });
  const classifier = await openClassifier(model, { tuning: 'never' });
  const { width, height } = model.preprocessing;
  const values = model.input.type === 'uint8' ? Uint8Array : Float32Array;
  const input = new Tensor(model.input.type, new values(batch * width * height * 3), [batch, height, width, 3]);
  const delay = monitorEventLoopDelay({ resolution: 1 });

  const buffers = new PixelBuffers(64 * 1024 * 1024);
  // As the classifier decodes: by the fastest decoder there is, into memory that is used again.
  const decode = async (file) => {
    const bytes = new Uint8Array(file);
    const room = buffers.lend();
    await decodePixels(bytes, await probe(bytes, maxPixels), maxPixels, room.take);
    room.release();
  };
  const contestants = {
    decode: () => eachInTurn(files, share, cores, decode),
    infer: async () => {
      for (let done = 0; done < share; done += batch) await session.run({ [model.input.name]: input });
      return Math.ceil(share / batch) * batch;
    },
    classifier: async () => {
      delay.enable();
      const done = await eachInTurn(files, share, 64, (file) => classifier.classify(new Uint8Array(file), { top: 3 }));
      delay.disable();
      return done;
    },
  };
  const seen = { decode: [], infer: [], classifier: [] };
  for (let i = -1; i < parts; i++) {
    if (i === 0) delay.reset();
    for (const [name, work] of Object.entries(contestants)) {
      const startedAt = performance.now();
      const done = await work();
      if (i >= 0) seen[name].push((performance.now() - startedAt) / 1000 / done);
    }
  }
  await session.release();
  await classifier[Symbol.asyncDispose]();
  const ratios = seen.classifier.map((seconds, i) => (seen.decode[i] + seen.infer[i]) / seconds);
  return {
    pictures: share * parts,
    decodeMs: round(median(seen.decode) * 1000, 2),
    inferMs: round(median(seen.infer) * 1000, 2),
    limit: round(1 / (median(seen.decode) + median(seen.infer))),
    picturesPerSecond: round(1 / median(seen.classifier)),
    ratio: round(median(ratios), 3),
    // The timer's own millisecond is not the main thread's.
    mainThreadStallMs: { p50: stall(delay, 50), p99: stall(delay, 99), max: round(delay.max / 1e6 - 1) },
  };
}

const stall = (delay, percentile) => round(Math.max(0, delay.percentile(percentile) / 1e6 - 1), 2);

/** `count` files, `width` at a time. */
async function eachInTurn(files, count, width, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(files[next++ % files.length]);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return count;
}
