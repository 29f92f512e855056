import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import type { Imported } from '../import/import-graph.ts';
import type { ImportOptions } from '../import/import-options.ts';
import type { ReadFile } from '../tfgraph/checkpoint.ts';
import { graphFromJson } from '../tfgraph/codec.ts';
import { constantOf } from '../tfgraph/constant.ts';
import { frozenGraph, importTfGraph } from '../tfgraph/import-tensorflow.ts';
import { importLayersModel } from './import-layers-model.ts';
import { parse } from './topology.ts';
import { readWeights } from './weights.ts';

const ModelJson = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()) })),
  signature: z
    .object({ outputs: z.record(z.string(), z.object({ name: z.string() })) })
    .optional()
    .catch(undefined),
});

/** A TensorFlow.js model from its folder: `model.json`, a graph or a layers model, and its shards. */
export async function importTfjsModel(read: ReadFile, options: ImportOptions): Promise<Imported> {
  const bytes = await read('model.json');
  if (!bytes) throw new RookeryError('MODEL_INVALID', { detail: 'there is no model.json' });
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new RookeryError('MODEL_INVALID', { detail: 'model.json is not JSON', cause });
  }
  const { modelTopology, weightsManifest, signature } = parse(ModelJson, json, 'model.json');
  const shards: Uint8Array[] = [];
  for (const path of weightsManifest.flatMap(({ paths }) => paths)) {
    const shard = await read(path);
    if (!shard)
      throw new RookeryError('MODEL_INVALID', { detail: `there is no ${JSON.stringify(path)} beside model.json` });
    shards.push(shard);
  }
  const weightData = new Uint8Array(Buffer.concat(shards));
  if (!Array.isArray(modelTopology.node))
    return importLayersModel({ modelTopology, weightsManifest, weightData }, options);
  const weights = [...readWeights(weightsManifest, weightData)];
  const graph = frozenGraph(
    graphFromJson(modelTopology),
    new Map(weights.map(([name, { shape, values }]) => [name, constantOf(shape, values)])),
  );
  const named = Object.values(signature?.outputs ?? {}).map(({ name }) => name.replace(/:0$/, ''));
  return importTfGraph(named.length > 0 ? { ...graph, outputs: named } : graph, options, 'tfjs graph', bytes);
}
