import { messageToJson } from '../../tfgraph/codec.ts';
import { TfType } from '../../tfgraph/messages.ts';
import type { ChannelsLastGraph } from '../channels-last/steps.ts';
import type { Weight } from '../tensorflow/graph-def-builder.ts';
import { signatureOf, writeGraphDef } from '../tensorflow/write-graph-def.ts';

/** Browsers cache files of this size. Bytes; a multiple of every element's. */
const maxShardBytes = 4_000_000;

/** `model.json` and the shards of its weights. Pictures come as int32: TensorFlow.js has no bytes. */
export function writeGraphModel(graph: ChannelsLastGraph): Map<string, Uint8Array> {
  const written = writeGraphDef(graph, TfType.int32);
  const shards = shardsOf(written.weights);
  const name = (n: number): string => `group1-shard${n + 1}of${shards.length}.bin`;
  const model = {
    format: 'graph-model',
    generatedBy: 'rookery',
    convertedBy: null,
    signature: messageToJson('SignatureDef', signatureOf(graph, TfType.int32)),
    modelTopology: messageToJson('GraphDef', written.graphDef(false)),
    weightsManifest: [{ paths: shards.map((_, n) => name(n)), weights: written.weights.map(specOf) }],
  };
  return new Map([
    ...shards.map((bytes, n): [string, Uint8Array] => [name(n), bytes]),
    ['model.json', Buffer.from(JSON.stringify(model), 'utf8')],
  ]);
}

const specOf = ({ name, dims, values }: Weight) => ({
  name,
  shape: dims,
  dtype: values instanceof Float32Array ? 'float32' : 'int32',
});

/** All weights, one after the other, in pieces. */
function shardsOf(weights: readonly Weight[]): Uint8Array[] {
  const all = new Uint8Array(
    Buffer.concat(weights.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength))),
  );
  const count = Math.ceil(all.byteLength / maxShardBytes);
  return Array.from({ length: count }, (_, n) => all.slice(n * maxShardBytes, (n + 1) * maxShardBytes));
}
