import { Builder } from 'flatbuffers';
import { floats, offsets, table } from '../../src/export/tflite/flat-tables.ts';
import type { TfliteWriter } from '../../src/export/tflite/tflite-writer.ts';

/** Adds TFLITE_METADATA with a normalisation of the input. */
export function addNormalisation(file: TfliteWriter, mean: readonly number[], std: readonly number[]): void {
  const builder = new Builder();
  const [means, stds] = [floats(builder, mean), floats(builder, std)];
  const options = table(builder, 2, (field) => {
    field.offset(0, means);
    field.offset(1, stds);
  });
  const unit = table(builder, 2, (field) => {
    field.byte(0, 1);
    field.offset(1, options);
  });
  const units = offsets(builder, [unit]);
  const input = table(builder, 7, (field) => field.offset(4, units));
  const inputs = offsets(builder, [input]);
  const graph = table(builder, 10, (field) => field.offset(2, inputs));
  const graphs = offsets(builder, [graph]);
  builder.finish(
    table(builder, 8, (field) => field.offset(3, graphs)),
    'M001',
  );
  file.metadata('TFLITE_METADATA', builder.asUint8Array());
}
