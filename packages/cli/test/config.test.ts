import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig } from '../src/config.ts';
import { aFolder, runCommand } from './a-host.ts';

const load = (sources: Partial<ConfigSources> = {}) =>
  loadConfig({ env: {}, cwd: aFolder(), file: undefined, flags: {}, ...sources });

function aConfigFile(contents: unknown): string {
  const path = join(aFolder(), 'rookery.config.json');
  writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents));
  return path;
}

describe('the configuration', () => {
  it('takes flags over environment over file over defaults, and knows where each came from', async () => {
    const file = aConfigFile({ classify: { top: 4, threads: 4, batch: 4 } });
    const env = { ROOKERY_TOP: '5', ROOKERY_THREADS: '5' };
    const { classify, origins } = await load({ file, env, flags: { classify: { top: '6' } } });
    expect(classify).toMatchObject({ top: 6, threads: 5, batch: 4, maxPixels: 50_000_000 });
    expect(origins.get('classify.top')).toBe('--top');
    expect(origins.get('classify.threads')).toBe('ROOKERY_THREADS');
    expect(origins.get('classify.batch')).toBe(file);
    expect(origins.get('classify.maxPixels')).toBe('default');
  });

  it('reads a list with commas between, or as JSON where names have commas of their own', async () => {
    const sources = async (text: string) => (await load({ env: { ROOKERY_SOURCES: text } })).store.sources;
    expect(await sources('photos, /srv/a')).toEqual(['photos', '/srv/a']);
    expect(await sources('["/srv/a, b", "photos"]')).toEqual(['/srv/a, b', 'photos']);
    expect(await sources('[old],[new]')).toEqual(['[old]', '[new]']);
    await expect(sources('["photos", 1]')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('takes for the address of a service only what is one', async () => {
    const endpoint = (text: string) => load({ env: { AWS_ENDPOINT_URL: text } });
    for (const text of ['http://minio:9000', 'http://local_stack:4566', 'https://[::1]:9000'])
      expect(await endpoint(text)).toMatchObject({ store: { s3Endpoint: text }, queue: { sqsEndpoint: text } });
    for (const text of ['minio:9000', '127.0.0.1:9000', 'ftp://minio', 'http://'])
      await expect(endpoint(text)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        detail: expect.stringContaining('from AWS_ENDPOINT_URL'),
      });
    await expect(load({ env: { WANDB_BASE_URL: 'localhost:8080' } })).rejects.toMatchObject({
      detail: expect.stringContaining('from WANDB_BASE_URL'),
    });
  });

  it('takes for origins of pages and for networks only what is one, as browsers and connections write it', async () => {
    const api = async (env: Record<string, string>) => (await load({ env })).api;
    const { corsOrigins } = await api({ ROOKERY_CORS_ORIGINS: 'https://Photos.Example/, http://localhost:3000' });
    expect(corsOrigins).toEqual(['https://photos.example', 'http://localhost:3000']);
    for (const text of ['*', 'photos.example', 'https://photos.example/page', 'https://a:b@photos.example', 'null'])
      await expect(api({ ROOKERY_CORS_ORIGINS: text })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const { trustProxy } = await api({ ROOKERY_TRUST_PROXY: '10.0.0.7, 10.0.0.0/8, fc00::/7, loopback' });
    expect(trustProxy).toEqual(['10.0.0.7', '10.0.0.0/8', 'fc00::/7', 'loopback']);
    for (const text of ['balancer', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.0/', '10.0.0', '::/129', '1.2.3.4/8/8'])
      await expect(api({ ROOKERY_TRUST_PROXY: text })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('finds rookery.config.json in the working folder', async () => {
    const file = aConfigFile({ queue: { leaseMs: '90s' } });
    expect((await load({ cwd: join(file, '..') })).queue.leaseMs).toBe(90_000);
  });

  it('follows the conventions of AWS and Redis, its own names first', async () => {
    const env = {
      AWS_ENDPOINT_URL: 'http://a',
      AWS_ENDPOINT_URL_S3: 'http://b',
      AWS_REGION: 'eu-north-1',
      REDIS_URL: 'redis://r',
    };
    expect(await load({ env })).toMatchObject({
      store: { s3Endpoint: 'http://b', s3Region: 'eu-north-1' },
      queue: { address: 'redis://r', sqsEndpoint: 'http://a', sqsRegion: 'eu-north-1' },
    });
    expect((await load({ env: { ...env, ROOKERY_QUEUE: 'sqs://q' } })).queue.address).toBe('sqs://q');
  });

  it('counts an empty variable as unset', async () => {
    expect((await load({ env: { ROOKERY_TOP: '' } })).classify.top).toBe(3);
  });

  it.each([
    [
      { env: { ROOKERY_TOP: 'many' } },
      'classify.top (from ROOKERY_TOP): got "many", allowed: a whole number from 1 to 1000',
    ],
    [{ env: { ROOKERY_DECODE: 'half' } }, 'classify.decode (from ROOKERY_DECODE): got "half", allowed: exact, fast'],
    [{ flags: { classify: { top: '0' } } }, '--top: got "0", allowed: a whole number from 1 to 1000'],
    [
      { flags: { classify: { device: 'gpu' } } },
      '--device: got "gpu", allowed: cpu, or numbers of GPUs such as 0 or 0,1',
    ],
    [{ env: { ROOKERY_LEASE: '10ms' } }, 'queue.leaseMs (from ROOKERY_LEASE): got "10ms", allowed: a time such as'],
    [{ env: { ROOKERY_LOG_LEVEL: 'loud' } }, 'got "loud", allowed: trace, debug, info, warn, error, fatal, silent'],
    [{ env: { ROOKERY_THRESHOLD: '1.5' } }, 'got "1.5", allowed: a number from 0 to 1'],
    [{ file: aConfigFile({ classify: { tpo: 3 } }) }, 'unknown key "classify.tpo", allowed: top,'],
    [{ file: aConfigFile({ clasify: {} }) }, 'unknown section "clasify", allowed: models, classify,'],
    [{ file: aConfigFile('{ not json') }, 'rookery.config.json:'],
    [{ file: '/nonexistent/rookery.json' }, 'cannot be read'],
  ])('names a wrong value, what it got and what is allowed: %j', async (sources, text) => {
    await expect(load(sources)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(text),
    });
  });

  it.each([
    [{ ROOKERY_MEMORY_BUDGET: '256MB' }, 256_000_000],
    [{ ROOKERY_MEMORY_BUDGET: '1 GiB' }, 2 ** 30],
    [{ ROOKERY_MEMORY_BUDGET: '1500000' }, 1_500_000],
  ])('reads sizes as people write them: %j', async (env, expected) => {
    expect((await load({ env })).classify.memoryBudget).toBe(expected);
  });

  it('reads devices and lists', async () => {
    const { classify, store } = await load({ env: { ROOKERY_DEVICE: '0,1', ROOKERY_SOURCES: 's3://a, /b' } });
    expect(classify.device).toEqual([0, 1]);
    expect(store.sources).toEqual(['s3://a', '/b']);
  });
});

describe('rookery config', () => {
  const env = {
    ROOKERY_QUEUE: 'redis://me:pa55word@host:6379',
    AWS_SECRET_ACCESS_KEY: 'very-secret',
    ROOKERY_TOP: '7',
  };

  it('prints each value and where it comes from, secrets hidden', async () => {
    const { code, stdout } = await runCommand(['config'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^classify\.top +7 +ROOKERY_TOP$/m);
    expect(stdout).toMatch(/^queue\.address +redis:\/\/me:\*\*\*@host:6379 +ROOKERY_QUEUE$/m);
    expect(stdout).not.toMatch(/pa55word|very-secret/);
  });

  it('prints JSON', async () => {
    const { stdout } = await runCommand(['config', '--json'], { env });
    const values = JSON.parse(stdout);
    expect(values['classify.top']).toEqual({ value: 7, from: 'ROOKERY_TOP' });
    expect(values['store.s3SecretAccessKey']).toEqual({ value: '(hidden)', from: 'AWS_SECRET_ACCESS_KEY' });
    expect(stdout).not.toMatch(/pa55word|very-secret/);
  });

  it('exits 2 for a wrong value, even a hidden one, without showing it', async () => {
    const { code, stderr } = await runCommand(['config'], { env: { ...env, ROOKERY_TOP: 'x' } });
    expect(code).toBe(2);
    expect(stderr).toContain('got "x"');
  });
});
