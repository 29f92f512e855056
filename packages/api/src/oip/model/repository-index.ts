import type { ModelInfo, ModelVersionInfo } from '@rookery/contracts';
import type { Registry } from '@rookery/models';
import type { ModelHost } from '../../serving/model-host.ts';
import { listModels } from '../../serving/model-list.ts';

/** A version of a model and whether requests find it in memory. */
export interface IndexedModel {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  readonly reason: string;
}

/** @param ready only those in memory. */
export async function repositoryIndex(registry: Registry, models: ModelHost, ready: boolean): Promise<IndexedModel[]> {
  const all = (await listModels(registry, models)).flatMap(indexed);
  return ready ? all.filter(({ state }) => state === 'READY') : all;
}

const indexed = ({ name, versions, damaged, error }: ModelInfo): IndexedModel[] => [
  ...versions.map(({ version, loaded }) => ({ name, version, ...stateOf(loaded) })),
  ...damaged.map(({ version, reason }) => ({ name, version, state: 'UNAVAILABLE' as const, reason })),
  ...(error ? [{ name, version: '', state: 'UNAVAILABLE' as const, reason: error.message }] : []),
];

function stateOf(loaded: ModelVersionInfo['loaded']): Pick<IndexedModel, 'state' | 'reason'> {
  const states = new Set(loaded.map(({ state }) => state));
  if (states.has('warm')) return { state: 'READY', reason: '' };
  if (states.has('loading')) return { state: 'LOADING', reason: '' };
  if (states.has('draining')) return { state: 'UNLOADING', reason: '' };
  return { state: 'UNAVAILABLE', reason: 'not in memory; the first request that names it loads it' };
}
