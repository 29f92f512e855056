import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishVariation } from '../../models/test/a-variation.ts';
import { aPhotograph, aService, type TestService } from './a-service.ts';
import { imagesRequest } from './oip-requests.ts';

describe('models and versions over the Open Inference Protocol', () => {
  let service: TestService;
  let first: string;
  let second: string;
  beforeAll(async () => {
    service = await aService();
    first = await publishVariation(service.registry, 'birds', 'first');
    second = await publishVariation(service.registry, 'birds', 'second');
    await service.registry.alias('birds', 'candidate', first);
    await service.registry.alias('birds', 'production', second);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const get = (url: string) => service.app.inject({ method: 'GET', url });
  const post = (url: string, payload: object = {}) => service.app.inject({ method: 'POST', url, payload });
  const loaded = () => service.models.loaded().filter(({ resolved }) => resolved.name === 'birds');
  /** The best label, and the version that found it. */
  const ask = async (model: string) => {
    const request = imagesRequest([await aPhotograph()], { outputs: [{ name: 'labels' }], parameters: { top: 1 } });
    const answer = await service.app.inject({ method: 'POST', url: `/v2/models/${model}/infer`, ...request });
    const { model_name, model_version, outputs } = answer.json();
    return [model_name, model_version, outputs[0].data[0]];
  };

  it('are described without being loaded', async () => {
    expect((await get('/v2/models/birds')).json()).toMatchObject({ name: 'birds', versions: [second] });
    expect((await get(`/v2/models/birds/versions/${first}/config`)).statusCode).toBe(200);
    expect(await get('/v2/models/birds/ready')).toMatchObject({ statusCode: 400 });
    expect((await post('/v2/repository/index')).json()).toContainEqual(
      expect.objectContaining({ name: 'birds', version: first, state: 'UNAVAILABLE' }),
    );
    expect(loaded()).toEqual([]);
  });

  it('are loaded by the first request that names them: by name, version or alias', async () => {
    expect(await ask('birds')).toEqual(['birds', second, 'second']);
    expect(await ask(`birds/versions/${first}`)).toEqual(['birds', first, 'first']);
    expect(await ask('birds%3Acandidate')).toEqual(['birds', first, 'first']);
    expect((await get('/v2/models/birds/ready')).json()).toEqual({ name: 'birds', ready: true });
    expect((await get(`/v2/models/birds/versions/${first}/ready`)).statusCode).toBe(200);
  });

  it('leave when they are unloaded, all versions, and come back when they are asked for', async () => {
    expect((await post('/v2/repository/models/birds/unload')).json()).toEqual({});
    await expect.poll(loaded).toEqual([]);
    expect((await get('/v2/models/birds/ready')).statusCode).toBe(400);
    expect((await post('/v2/repository/models/birds%3Acandidate/load')).json()).toEqual({});
    expect((await get(`/v2/models/birds/versions/${first}/ready`)).statusCode).toBe(200);
    expect(await ask('birds')).toEqual(['birds', second, 'second']);
  });

  it('are not ready once the service shuts down', async () => {
    service.drain();
    expect((await get('/v2/health/ready')).statusCode).toBe(400);
    expect((await get('/v2/models/birds/ready')).statusCode).toBe(400);
    expect((await get('/v2/health/live')).statusCode).toBe(200);
  });
});
