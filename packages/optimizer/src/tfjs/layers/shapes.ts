import * as z from 'zod';
import {
  configOf,
  type LayerContext,
  type LayerConverter,
  onlyInput,
  Pair,
  pictureInput,
  unsupported,
  type Value,
} from '../layer-context.ts';

/** The values in Keras' order, height before width before channels, as `[batch, size]`. */
function flattened({ graph }: LayerContext, { name, shape }: Value): Value {
  const [height = 1, width = 1] = shape;
  if (shape.length === 1) return { name, shape };
  // A single pixel has the same order either way.
  const ordered = height * width === 1 ? name : graph.node('Transpose', [name], { perm: [0, 2, 3, 1] });
  return {
    name: graph.node('Flatten', [ordered], { axis: 1 }),
    shape: [shape.reduce((product, size) => product * size, 1)],
  };
}

export const flatten: LayerConverter = (context) => flattened(context, onlyInput(context));

export const reshape: LayerConverter = (context) => {
  const { target_shape } = configOf(context, z.object({ target_shape: z.array(z.int()) }));
  const flat = flattened(context, onlyInput(context));
  const [size = 0] = flat.shape;
  const known = target_shape.filter((part) => part > 0).reduce((product, part) => product * part, 1);
  const shape = target_shape.map((part) => (part > 0 ? part : size / known));
  if (shape.length === 1) return flat;
  if (shape.length !== 3) throw unsupported(context.layer, `target_shape [${target_shape}]`);
  const { graph, layer } = context;
  const pixels = graph.node('Reshape', [flat.name, graph.ints(`${layer.name}_shape`, [4], [-1, ...shape])]);
  return { name: graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] }), shape };
};

const Sides = z.union([
  z.tuple([z.int().min(0), z.int().min(0)]),
  z
    .int()
    .min(0)
    .transform((both): [number, number] => [both, both]),
]);
const Padding = z.union([
  z
    .int()
    .min(0)
    .transform((all): [[number, number], [number, number]] => [
      [all, all],
      [all, all],
    ]),
  z.tuple([Sides, Sides]),
]);

export const zeroPadding2d: LayerConverter = (context) => {
  const { padding } = configOf(context, z.object({ padding: Padding }));
  const { name, height, width, channels } = pictureInput(context);
  const [[top, bottom], [left, right]] = padding;
  const { graph, layer } = context;
  const pads = graph.ints(`${layer.name}_pads`, [8], [0, 0, top, left, 0, 0, bottom, right]);
  return { name: graph.node('Pad', [name, pads]), shape: [height + top + bottom, width + left + right, channels] };
};

export const cropping2d: LayerConverter = (context) => {
  const { cropping } = configOf(context, z.object({ cropping: Padding }));
  const { name, height, width, channels } = pictureInput(context);
  const [[top, bottom], [left, right]] = cropping;
  const { graph, layer } = context;
  const places = (what: string, values: readonly number[]) => graph.ints(`${layer.name}_${what}`, [2], values);
  const ends = places('ends', [height - bottom, width - right]);
  const inputs = [name, places('starts', [top, left]), ends, places('axes', [2, 3])];
  return { name: graph.node('Slice', inputs), shape: [height - top - bottom, width - left - right, channels] };
};

export const upSampling2d: LayerConverter = (context) => {
  const { size, interpolation } = configOf(
    context,
    z.object({ size: Pair, interpolation: z.enum(['nearest', 'bilinear']).default('nearest') }),
  );
  const { name, height, width, channels } = pictureInput(context);
  const { graph, layer } = context;
  const scales = graph.floats(`${layer.name}_scales`, [4], [1, 1, ...size]);
  const how =
    interpolation === 'nearest'
      ? { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
      : { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  const larger = graph.node('Resize', [name, '', scales], how);
  return { name: larger, shape: [height * size[0], width * size[1], channels] };
};
