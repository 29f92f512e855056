import { RookeryError } from '@rookery/contracts';
import type { Tensor } from 'onnxruntime-node';
import { encodeModel } from '../onnx/codec.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { openSession, type Session, type SessionOptions, tensor } from '../session.ts';
import { withFloat32Ends } from './float32-ends.ts';
import type { ModelInput } from './model-input.ts';
import type { Normalisation } from './normalisation.ts';

/** One output for a number of pictures: a row of float64 a picture. */
export interface Rows {
  readonly name: string;
  /** Of one run, with its batch. */
  readonly dims: readonly number[];
  readonly rows: readonly Float64Array[];
}

/** Pictures as the model itself wants them: the declared normalisation in double precision, then made its type; halves are cast inside. */
async function modelFeed(
  pictures: Uint8Array,
  count: number,
  input: ModelInput,
  normalisation: Normalisation,
): Promise<Tensor> {
  const { width, height, layout, type } = input;
  const pixels = width * height;
  const { scale, mean, std, channels } = normalisation;
  const values = new Float64Array(count * pixels * 3);
  for (let n = 0; n < count; n += 1) {
    for (let p = 0; p < pixels; p += 1) {
      for (let c = 0; c < 3; c += 1) {
        const value = pictures[(n * pixels + p) * 3 + (channels === 'bgr' ? 2 - c : c)] ?? 0;
        const at = layout === 'nhwc' ? (n * pixels + p) * 3 + c : (n * 3 + c) * pixels + p;
        values[at] = (value * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
      }
    }
  }
  const dims = layout === 'nhwc' ? [count, height, width, 3] : [count, 3, height, width];
  switch (type) {
    case 'uint8':
      return tensor('uint8', Uint8Array.from(values, Math.round), dims);
    case 'int32':
      return tensor('int32', Int32Array.from(values, Math.round), dims);
    case 'float64':
      return tensor('float64', values, dims);
    default:
      return tensor('float32', Float32Array.from(values), dims);
  }
}

/** The numbers of a result, whatever its type. @throws {RookeryError} MODEL_INVALID where these are none. */
function numbersOf(name: string, { data, type }: Tensor): Float64Array {
  if (
    typeof data === 'string' ||
    Array.isArray(data) ||
    data instanceof BigInt64Array ||
    data instanceof BigUint64Array
  ) {
    throw new RookeryError('MODEL_INVALID', { detail: `output ${name} has type ${type}, not scores` });
  }
  return Float64Array.from(data);
}

/** Runs pictures in batches of `batch` and cuts what a picture has of each output. Outputs without numbers are left out. */
export async function runRows(
  session: Session,
  input: string,
  batches: readonly { feed: Tensor; batch: number }[],
): Promise<Rows[]> {
  const results = new Map<string, { dims: readonly number[]; rows: Float64Array[] }>();
  for (const { feed, batch } of batches) {
    for (const [name, value] of Object.entries(await session.run({ [input]: feed }))) {
      if (value.type === 'string' || value.type === 'int64' || value.type === 'bool' || value.size % batch !== 0)
        continue;
      const numbers = numbersOf(name, value);
      const entry = results.get(name) ?? { dims: value.dims, rows: [] };
      const width = numbers.length / batch;
      for (let n = 0; n < batch; n += 1) entry.rows.push(numbers.slice(n * width, (n + 1) * width));
      results.set(name, entry);
    }
  }
  return [...results].map(([name, { dims, rows }]) => ({ name, dims, rows }));
}

/** Pictures, and how a model takes them. */
interface ReferencePictures {
  readonly pictures: Uint8Array;
  readonly count: number;
  readonly input: ModelInput;
  readonly normalisation: Normalisation;
}

/** What the model itself makes of the pictures, a batch at a time; without optimisation its sums are added in another order. */
export async function referenceRows(
  model: ModelMessage,
  { pictures, count, input, normalisation }: ReferencePictures,
  options: SessionOptions = {},
): Promise<Rows[]> {
  const batch = input.fixedBatch ?? 1;
  const size = pictures.length / count;
  await using session = await openSession(encodeModel(withFloat32Ends(model)), options);
  const batches = [];
  for (let first = 0; first < count; first += batch) {
    const part = pictures.subarray(first * size, (first + batch) * size);
    batches.push({ feed: await modelFeed(part, batch, input, normalisation), batch });
  }
  return await runRows(session, input.name, batches);
}
