import { encodeModel } from '../onnx/codec.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { openSession, type Session, tensor } from '../session.ts';

/** What a graph is measured against: the scores of the model as it came, for given pictures. */
export interface Evidence {
  /** `[count, height, width, 3]` in 0 to 255. */
  readonly pictures: Uint8Array;
  readonly count: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly input: { readonly name: string; readonly type: 'uint8' | 'float32' };
  readonly rows: readonly Float64Array[];
  /** Largest difference that is allowed, as a share of the largest score, or of 1 where that is smaller. */
  readonly tolerance: number;
}

/**
 * Largest difference in batches of each of these sizes, as a share of the largest score; infinite where a graph gives another shape.
 * @throws {RookeryError} MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED where it cannot be run.
 */
export async function differenceFrom(evidence: Evidence, model: ModelMessage, ...batches: number[]): Promise<number> {
  const { pictures, input } = evidence;
  const values = input.type === 'uint8' ? pictures : Float32Array.from(pictures);
  await using session = await openSession(encodeModel(model));
  let worst = 0;
  for (const batch of batches) worst = Math.max(worst, await differenceInBatches(session, evidence, values, batch));
  return worst;
}

async function differenceInBatches(
  session: Session,
  { count, width, height, input, rows }: Evidence,
  values: Uint8Array | Float32Array,
  batch: number,
): Promise<number> {
  const size = width * height * 3;
  const classes = rows[0]?.length ?? 0;
  const largest = Math.max(1, ...rows.map((row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  let worst = 0;
  for (let first = 0; first + batch <= count; first += batch) {
    const members = values.slice(first * size, (first + batch) * size);
    const feed = await tensor(input.type, members, [batch, height, width, 3]);
    const scores = (await session.run({ [input.name]: feed }))[session.outputs[0] ?? ''];
    if (!(scores?.data instanceof Float32Array) || scores.dims.join() !== `${batch},${classes}`)
      return Number.POSITIVE_INFINITY;
    for (const [at, score] of scores.data.entries()) {
      const off = Math.abs(score - (rows[first + Math.floor(at / classes)]?.[at % classes] ?? 0)) / largest;
      // NaN is as far off as can be.
      if (!(off <= worst)) worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }
  }
  return worst;
}
