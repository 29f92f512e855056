import { asRookeryError, RookeryError } from '@rookery/contracts';
import { cloneModel } from '../onnx/clone-model.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { constantsToInitializers } from './constants-to-initializers.ts';
import { flattenMeans } from './flatten-means.ts';
import { foldBatchNorms } from './fold-batch-norms.ts';
import { foldConstants } from './fold-constants.ts';
import { foldInput } from './fold-input.ts';
import { foldPads } from './fold-pads.ts';
import { differenceFrom, type Evidence } from './prove.ts';
import { removeDeadNodes } from './remove-dead-nodes.ts';
import { removeIdentities } from './remove-identities.ts';
import { removeStridedViews } from './remove-strided-views.ts';
import { useGlobalPools } from './use-global-pools.ts';

/** Changes a model in place. @returns how much it changed; 0 where nothing. */
export interface Pass {
  readonly name: string;
  readonly apply: (model: ModelMessage) => number | Promise<number>;
}

/** In this order: each finds more once those before it have run. */
export const standardPasses: readonly Pass[] = [
  { name: 'constants', apply: (model) => constantsToInitializers(model) + removeDeadNodes(model) },
  { name: 'constant folding', apply: foldConstants },
  { name: 'identities', apply: removeIdentities },
  { name: 'strided views', apply: removeStridedViews },
  { name: 'global pooling', apply: useGlobalPools },
  { name: 'flattened means', apply: flattenMeans },
  { name: 'batch normalisation', apply: foldBatchNorms },
  { name: 'padding', apply: foldPads },
  { name: 'input', apply: foldInput },
];

/**
 * Applies passes and keeps what the evidence bears out: all of them, proved together, or else one by one, each proved by itself; what
 * was left out stands in the notes.
 * @throws {RookeryError} MODEL_INVALID where the model does not agree with the evidence as it is.
 */
export async function applyPasses(
  model: ModelMessage,
  passes: readonly Pass[],
  evidence: Evidence,
  batch: number,
  notes: string[],
): Promise<ModelMessage> {
  return (await allTogether(model, passes, evidence, batch)) ?? oneByOne(model, passes, evidence, batch, notes);
}

async function allTogether(
  model: ModelMessage,
  passes: readonly Pass[],
  evidence: Evidence,
  batch: number,
): Promise<ModelMessage | undefined> {
  const candidate = cloneModel(model);
  try {
    for (const { apply } of passes) if ((await apply(candidate)) > 0) removeDeadNodes(candidate);
    return (await differenceFrom(evidence, candidate, batch)) <= evidence.tolerance ? candidate : undefined;
  } catch {
    // Which of them it was shows one by one.
    return undefined;
  }
}

async function oneByOne(
  model: ModelMessage,
  passes: readonly Pass[],
  evidence: Evidence,
  batch: number,
  notes: string[],
): Promise<ModelMessage> {
  const off = await differenceFrom(evidence, model, batch);
  if (!(off <= evidence.tolerance)) {
    throw new RookeryError('MODEL_INVALID', {
      detail: `its serving graph gives other scores than the model itself, by ${off.toExponential(1)}`,
    });
  }
  let current = model;
  for (const { name, apply } of passes) {
    const candidate = cloneModel(current);
    try {
      if ((await apply(candidate)) === 0) continue;
      removeDeadNodes(candidate);
      const difference = await differenceFrom(evidence, candidate, batch);
      if (difference <= evidence.tolerance) current = candidate;
      else notes.push(`left out: ${name} (it moves the output by ${difference.toExponential(1)})`);
    } catch (thrown) {
      notes.push(`left out: ${name} (${asRookeryError(thrown).message})`);
    }
  }
  return current;
}
