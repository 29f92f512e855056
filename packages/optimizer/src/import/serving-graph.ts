import { asRookeryError, RookeryError } from '@rookery/contracts';
import { cloneModel } from '../onnx/clone-model.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { applyPasses, standardPasses } from '../passes/apply-passes.ts';
import { differenceFrom, type Evidence } from '../passes/prove.ts';
import { randomPictures } from '../random-pictures.ts';
import { attachOtherScore, isBinary } from './binary-output.ts';
import { makeBatchDynamic } from './dynamic-batch.ts';
import type { ImportOptions } from './import-options.ts';
import type { ModelInput } from './model-input.ts';
import { activationOf, attachActivation, attachOutput, chooseOutput } from './model-output.ts';
import type { Normalisation } from './normalisation.ts';
import { runOneByOne } from './one-by-one.ts';
import { ownNoise } from './own-noise.ts';
import { referenceRows } from './reference.ts';
import { attachFront, type ServingInputType, servingInput } from './serving-front.ts';

export interface ServingPlan {
  readonly input: ModelInput;
  readonly normalisation: Normalisation;
  readonly type: ServingInputType;
  readonly options: ImportOptions;
  readonly notes: string[];
}

export interface ServingGraph {
  readonly model: ModelMessage;
  readonly output: string;
  readonly classes: number;
}

const leastPictures = 6;
/** What is allowed, as a multiple of what the model itself is uncertain by; where that is more than a share of so much, nothing is proved. */
const noiseMargin = 4;
const mostNoise = 1e-3;

/** Builds the serving graph and proves each step of it against what the model itself gives for the same pictures. */
export async function servingGraph(model: ModelMessage, plan: ServingPlan): Promise<ServingGraph> {
  const { input, normalisation, type, options, notes } = plan;
  const batch = input.fixedBatch ?? 1;
  const count = Math.ceil(leastPictures / batch) * batch;
  const pictures = randomPictures(count, input.height, input.width);
  const reference = { pictures, count, input, normalisation };
  const results = await referenceRows(model, reference);
  const chosen = chooseOutput(results, options, notes);
  if (chosen.rows.some((row) => row.some((value) => !Number.isFinite(value)))) {
    throw new RookeryError('MODEL_INVALID', {
      detail: 'it gives scores that are no numbers for ordinary pictures: is the range right?',
    });
  }
  const activation = activationOf(model, chosen, options, notes);

  const base = cloneModel(model);
  attachFront(base, input, normalisation, type);
  attachOutput(base, chosen, input.fixedBatch ?? 'batch');
  const evidence: Evidence = {
    pictures,
    count,
    width: input.width,
    height: input.height,
    input: { name: servingInput, type },
    rows: chosen.rows,
    tolerance: toleranceOf(model),
  };
  const prove = async (against: Evidence): Promise<ModelMessage> => {
    const found: string[] = [];
    const slim = await applyPasses(base, standardPasses, against, batch, found);
    const proved = await anyBatch(slim, against, input, found);
    notes.push(...found);
    return proved;
  };
  const served = await prove(evidence).catch(async (thrown: unknown) => {
    const own = results.find(({ name }) => name === chosen.name);
    const again = await referenceRows(model, reference, { optimisation: 'disabled' });
    const noise = own
      ? ownNoise(
          own,
          again.find(({ name }) => name === own.name),
        )
      : 0;
    if (noise * noiseMargin <= evidence.tolerance) throw thrown;
    const apart = `the model's own scores lie ${noise.toExponential(1)} apart where its sums are added in another order`;
    if (noise > mostNoise) {
      const detail = `${apart}: is it trained, and is the range right?`;
      throw new RookeryError('MODEL_INVALID', { detail, cause: thrown });
    }
    const tolerance = noise * noiseMargin;
    notes.push(`proof: to ${tolerance.toExponential(1)} (${apart})`);
    return prove({ ...evidence, tolerance });
  });
  const scores = attachActivation(served, activation);
  const classes = options.labels.length;
  if (!isBinary(chosen) || classes === 1) return { model: served, output: scores, classes };
  return { model: served, output: attachOtherScore(served, scores, 'batch'), classes };
}

/** A graph for any number of pictures: as it is, opened, or run picture by picture. */
async function anyBatch(
  model: ModelMessage,
  evidence: Evidence,
  input: ModelInput,
  notes: string[],
): Promise<ModelMessage> {
  const fits = async (candidate: ModelMessage): Promise<string | undefined> => {
    try {
      const off = await differenceFrom(evidence, candidate, 1, 2, 3);
      return off > evidence.tolerance ? `batches of 1 to 3 differ by ${off.toExponential(1)}` : undefined;
    } catch (thrown) {
      return `batches of 1 to 3 fail: ${asRookeryError(thrown).detail}`;
    }
  };
  if (input.fixedBatch === undefined && (await fits(model)) === undefined) return model;
  const batch = input.fixedBatch ?? 1;
  const opened = cloneModel(model);
  makeBatchDynamic(opened, batch);
  const reason = await fits(opened);
  if (reason === undefined) {
    notes.push(`batch: any (the file was made for ${batch})`);
    return opened;
  }
  if (batch !== 1) {
    throw new RookeryError('MODEL_INVALID', {
      detail: `it takes exactly ${batch} pictures and cannot be opened (${reason}); export it with a dynamic batch axis`,
    });
  }
  const single = cloneModel(model);
  runOneByOne(single);
  const failed = await fits(single);
  if (failed !== undefined)
    throw new RookeryError('MODEL_INVALID', { detail: `it takes exactly 1 picture and cannot be opened (${reason})` });
  notes.push(`batch: one picture after the other (the graph takes exactly 1: ${reason})`);
  return single;
}

/** Integers and halves round; floats only change the order of their sums. */
function toleranceOf({ graph }: ModelMessage): number {
  if (graph.node.some(({ opType }) => /Quant|QLinear|Integer/.test(opType))) return 0.05;
  if (graph.initializer.some(({ dataType }) => dataType === 10) || graph.input[0]?.type?.tensorType?.elemType === 10)
    return 0.01;
  return 2e-5;
}
