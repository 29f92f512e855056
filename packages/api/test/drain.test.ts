import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startApi } from '../src/app.ts';
import { aConstantService } from './a-constant-service.ts';
import { aService } from './a-service.ts';
import { forEver } from './constant-engine.ts';

const ask = (address: string) =>
  fetch(`${address}/v1/classify`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: 'x' });

describe('a service that is told to stop', () => {
  it('answers what it has, takes no new connection, and keeps none', async () => {
    await using service = await aConstantService({}, { pictureMs: 1_000 });
    const { api, engine, port } = service;
    const asked = [ask(api.address), ask(api.address), ask(api.address)];
    while (engine.load().pending < 3) await sleep(5);
    const stopped = api.stop({ graceMs: 10_000 });
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await stopped;
    const socket = connect(port, '127.0.0.1');
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('gives up what does not end inside the grace period', async () => {
    await using service = await aConstantService({}, { pictureMs: forEver });
    const asked = ask(service.api.address).then(
      () => 'answered',
      () => 'cut off',
    );
    while (service.engine.load().pending < 1) await sleep(5);
    await service.api.stop({ graceMs: 100 });
    expect(await asked).toBe('cut off');
  });

  it('is not ready any more, and still answers on connections that are open', async () => {
    await using service = await aService();
    expect((await service.app.inject('/health/ready')).statusCode).toBe(200);
    service.drain();
    const ready = await service.app.inject('/health/ready');
    expect([ready.statusCode, ready.json().code]).toEqual([503, 'OVERLOADED']);
    expect((await service.app.inject('/health/live')).statusCode).toBe(200);
  });
});

describe('a service that starts', () => {
  it('says clearly that its port is taken, or its address not there', async () => {
    await using service = await aConstantService();
    await using other = await aService();
    const options = { version: '0', models: other.models, registry: other.registry, auth: { kind: 'off' } } as const;
    await expect(startApi(options, { host: '127.0.0.1', port: service.port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: expect.stringMatching(/something else listens there/),
    });
    await expect(startApi(options, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
