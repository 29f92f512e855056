import { openRegistry } from '@rookery/models';
import { type Metrics, silentLogger } from '@rookery/telemetry';
import type { OpenApiDocument } from './openapi/document.ts';
import { buildServer } from './server.ts';
import { ModelHost } from './serving/model-host.ts';
import { modelSource } from './serving/model-source.ts';

/**
 * The OpenAPI document of every route, without a service that runs: nothing listens, no model is read. What it would measure is registered
 * with `metrics`.
 */
export async function describeService(version: string, metrics?: Metrics): Promise<OpenApiDocument> {
  const registry = openRegistry({ folder: '/nonexistent' });
  await using models = new ModelHost({
    source: modelSource({ registry }),
    open: () => Promise.reject(new Error('a service that is only described opens no model')),
    defaultReference: 'content',
    log: silentLogger,
  });
  const app = await buildServer(
    { version, models, registry, auth: { kind: 'off' }, metrics },
    new AbortController().signal,
  );
  try {
    const answer = await app.inject({ url: '/openapi.json', headers: { host: 'localhost' } });
    return answer.json<OpenApiDocument>();
  } finally {
    await app.close();
  }
}
