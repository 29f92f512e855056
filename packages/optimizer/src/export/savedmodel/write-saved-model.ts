import { encodeTf } from '../../tfgraph/codec.ts';
import { TfType } from '../../tfgraph/messages.ts';
import type { ChannelsLastGraph } from '../channels-last/steps.ts';
import { signatureOf, writeGraphDef } from '../tensorflow/write-graph-def.ts';

/** What a SavedModel must say of the TensorFlow that made it; nothing in it needs a newer one. */
const tensorflowVersion = '2.9.0';

/** `saved_model.pb`: a graph whose weights are constants, and its signature `serving_default`. There are no variables. */
export function writeSavedModel(graph: ChannelsLastGraph): Map<string, Uint8Array> {
  const graphDef = writeGraphDef(graph, TfType.uint8).graphDef(true);
  const bytes = encodeTf('SavedModel', {
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'], tensorflowVersion },
        graphDef,
        signatureDef: { serving_default: signatureOf(graph, TfType.uint8) },
      },
    ],
  });
  return new Map([['saved_model.pb', bytes]]);
}
