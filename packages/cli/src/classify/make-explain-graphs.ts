import type { MakeExplainGraphs } from '@rookery/inference';

/** The graphs of Grad-CAM of a model; the optimiser is loaded when it is called. */
export const makeExplainGraphs: MakeExplainGraphs = async (model) => {
  const { explainInThread } = await import('@rookery/optimizer');
  return explainInThread(model);
};
