import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type ServingModel } from '@rookery/contracts';
import { smallNet } from './small-net.ts';
import { type Attribute, adapt, network, placeholder } from './tensorflow.ts';

/** As a graph model of TensorFlow.js, normalised by the engine. Its constants are the weights. */
export async function graphSmallNet(folder: string): Promise<ServingModel> {
  const nodes = [placeholder('normal', 'DT_FLOAT'), ...network];
  const constants = nodes.flatMap(({ name, attr: { value } }) =>
    value && 'tensor' in value ? [{ name, ...value.tensor }] : [],
  );
  const weights = constants.map(({ name, type, shape }) => ({
    name,
    shape,
    dtype: type === 'DT_FLOAT' ? 'float32' : 'int32',
  }));
  const bytes = constants.map(({ type, values }) => (type === 'DT_FLOAT' ? Float32Array : Int32Array).from(values));
  await writeFile(join(folder, 'weights.bin'), Buffer.concat(bytes.map(({ buffer }) => new Uint8Array(buffer))));
  const node = nodes.map(({ attr, ...rest }) => ({
    ...rest,
    attr: Object.fromEntries(
      Object.entries(attr).flatMap(([key, value]) => ('tensor' in value ? [] : [[key, inJson(value)]])),
    ),
  }));
  const model = JSON.stringify({
    format: 'graph-model',
    modelTopology: { node, library: {}, versions: {} },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  });
  await writeFile(join(folder, 'model.json'), model);
  return smallNet('tfjs', { path: folder, digest: digestOf(model) }, { adapt });
}

/** The JSON form of protocol buffers: bytes as base64, long numbers as text. */
function inJson(value: Exclude<Attribute, { tensor: unknown }>): object {
  if ('type' in value) return value;
  if ('shape' in value) return { shape: { dim: value.shape.map((size) => ({ size: String(size) })) } };
  if ('text' in value) return { s: Buffer.from(value.text).toString('base64') };
  return { list: { i: value.ints.map(String) } };
}
