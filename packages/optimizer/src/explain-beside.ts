import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ExplainGraphs, RookeryError, type ServingModel } from '@rookery/contracts';
import type { ExplainGraphsAnswer } from './explain-thread.ts';

const entry = new URL('../dist/explain-thread.js', import.meta.url);

/**
 * What Grad-CAM needs of a model, made in a thread of its own that ends with it: a large model takes a while to read, and a service answers meanwhile.
 * @returns `undefined` for a model that is no ONNX graph, or whose head has no known gradient.
 * @throws {RookeryError} MODEL_INVALID for a file that is no graph.
 */
export async function explainInThread({ format, graph, output }: ServingModel): Promise<ExplainGraphs | undefined> {
  if (format !== 'onnx') return undefined;
  const thread = new Worker(entry, { workerData: { graph, output }, execArgv: [] });
  try {
    const [answer] = (await once(thread, 'message')) as [ExplainGraphsAnswer];
    if ('graphs' in answer) return answer.graphs;
    throw new RookeryError(answer.code, { detail: answer.detail });
  } finally {
    await thread.terminate();
  }
}
