import { FlatBuffer, type FlatTable } from './flatbuffer.ts';

const normalizationOptions = 1;

/**
 * What the model's metadata (metadata_schema.fbs of TFLite Support, an entry called TFLITE_METADATA) say about the first input of the
 * first graph: mean and standard deviation, one number or one a channel, of pixels from 0 to 255.
 */
export function readNormalisation(
  model: FlatTable,
  bufferBytes: (index: number) => Uint8Array | undefined,
): { mean: number[]; std: number[] } | undefined {
  const entry = model.tables(6).find((each) => each.text(0) === 'TFLITE_METADATA');
  const bytes = entry && bufferBytes(entry.uint32(1));
  if (!bytes) return undefined;
  const [graph] = new FlatBuffer(bytes).root().tables(3);
  const [input] = graph?.tables(2) ?? [];
  const unit = input?.tables(4).find((each) => each.uint8(0) === normalizationOptions);
  const options = unit?.table(1);
  const [mean, std] = [options?.float32s(0) ?? [], options?.float32s(1) ?? []];
  const usable = [mean, std].every((values) => [1, 3].includes(values.length) && values.every(Number.isFinite));
  return usable && std.every((value) => value > 0) ? { mean, std } : undefined;
}
