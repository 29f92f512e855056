import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { asRookeryError, type ServingModel } from '@rookery/contracts';
import { explainGraphs } from './explain/explain-graphs.ts';

/** What the thread answers, once. */
export type ExplainGraphsAnswer =
  | { readonly graphs: ReturnType<typeof explainGraphs> }
  | { readonly code: ReturnType<typeof asRookeryError>['code']; readonly detail: string };

const answer = (): ExplainGraphsAnswer => {
  const { graph, output } = workerData as Pick<ServingModel, 'graph' | 'output'>;
  try {
    const file = 'path' in graph ? readFileSync(graph.path) : graph.bytes;
    return { graphs: explainGraphs(file, output.name, output.classes) };
  } catch (thrown) {
    const { code, detail = '' } = asRookeryError(thrown);
    return { code, detail };
  }
};

parentPort?.postMessage(answer());
