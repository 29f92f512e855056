import { asRookeryError, RookeryError } from '@rookery/contracts';
import { type Scores, scoresOf } from '../compare/scores.ts';
import { cloneModel } from '../onnx/clone-model.ts';
import { decodeModel, encodeModel } from '../onnx/codec.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { opsetOf, opsetOfScales, raiseOpset } from '../onnx/raise-opset.ts';
import type { Sample } from '../sample.ts';

/** Of any score, as a share of it where it is over 1: the kernels are the same, the order of a sum may not be. */
const tolerance = 1e-5;

/**
 * A copy of a graph in an operator set that has scales a channel; one that was raised has proved itself with the pictures.
 * @throws {RookeryError} MODEL_INVALID where it cannot be raised, ABORTED.
 */
export async function withScales(
  graph: Uint8Array,
  pictures: Sample,
  reference: Scores,
  signal: AbortSignal | undefined,
): Promise<ModelMessage> {
  const model = cloneModel(decodeModel(graph));
  const opset = opsetOf(model);
  if (opset >= opsetOfScales) return model;
  const refuse = (why: string, cause?: unknown) =>
    new RookeryError('MODEL_INVALID', {
      detail: `scales a channel need operator set ${opsetOfScales}; its own, ${opset}, cannot be raised: ${why}`,
      cause,
    });
  raiseOpset(model);
  const raised = await scoresOf(encodeModel(model), pictures, { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw refuse(asRookeryError(cause).message, cause);
  });
  const same =
    raised.values.length === reference.values.length &&
    raised.values.every((score, at) => {
      const own = reference.values[at] ?? 0;
      return Math.abs(score - own) <= tolerance * Math.max(1, Math.abs(own));
    });
  if (!same) throw refuse('it gives other scores then');
  return model;
}
