import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from '@rookery/models';
import { silentLogger } from '@rookery/telemetry';
import { type Api, startApi } from '../src/app.ts';
import type { ApiOptions } from '../src/options.ts';
import { ModelHost } from '../src/serving/model-host.ts';
import { modelSource } from '../src/serving/model-source.ts';
import { ConstantEngine, type ConstantEngineOptions } from './constant-engine.ts';

export interface ConstantService extends AsyncDisposable {
  readonly api: Api;
  readonly port: number;
  readonly engine: ConstantEngine;
}

/** A listening service that gives every picture the same answer. */
export async function aConstantService(
  options: Partial<ApiOptions> = {},
  engineOptions: ConstantEngineOptions = {},
): Promise<ConstantService> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-api-'));
  const registry = openRegistry({ folder: join(folder, 'models') });
  const engine = new ConstantEngine(engineOptions);
  const models = new ModelHost({
    source: modelSource({ registry }),
    open: async () => engine,
    defaultReference: 'content',
    log: silentLogger,
  });
  await models.start();
  const api = await startApi(
    { version: '0.0.0', models, registry, auth: { kind: 'off' }, ...options },
    { host: '127.0.0.1', port: 0 },
  );
  return {
    api,
    port: Number(new URL(api.address).port),
    engine,
    async [Symbol.asyncDispose]() {
      await api.stop({ graceMs: 0 });
      await models[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
