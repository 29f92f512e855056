import * as z from 'zod';
import { configOf, type LayerConverter, onlyInput, unsupported } from '../layer-context.ts';
import { activate } from './activations.ts';

export const dense: LayerConverter = (context) => {
  const { units, use_bias, activation } = configOf(
    context,
    z.object({ units: z.int().min(1), use_bias: z.boolean().default(true), activation: z.unknown() }),
  );
  const { name, shape } = onlyInput(context);
  const size = shape.at(-1) ?? 0;
  const ofPixels = shape.length === 3;
  if (shape.length !== 1 && !ofPixels) throw unsupported(context.layer, `input of shape [${shape}]`);
  const { graph, layer } = context;
  const kernel = context.weight('kernel', [size, units]);
  const inputs = [
    name,
    ofPixels
      ? graph.floats(`${layer.name}/kernel`, [units, size, 1, 1], turned(kernel, size, units))
      : graph.floats(`${layer.name}/kernel`, [size, units], kernel),
  ];
  if (use_bias) inputs.push(graph.floats(`${layer.name}/bias`, [units], context.weight('bias', [units])));
  // The same layer at each pixel is a convolution of one pixel.
  const output = graph.node(ofPixels ? 'Conv' : 'Gemm', inputs, ofPixels ? { kernel_shape: [1, 1] } : {});
  return { name: activate(context, output, activation), shape: [...shape.slice(0, -1), units] };
};

/** `[rows, columns]` as `[columns, rows]`. */
function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1)
      result[column * rows + row] = values[row * columns + column] ?? 0;
  return result;
}
