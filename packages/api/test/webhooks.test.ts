import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebhookSigner } from '../src/webhooks/webhook-signer.ts';
import { type FleetOptions, JobFleet } from './a-fleet.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const newSecret = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;

interface Received {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** A receiver on this machine, which answers what it is told to. */
class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.received.push({ body, headers: request.headers });
    const status = this.answers.shift() ?? 200;
    if (status > 0) response.writeHead(status).end();
  });
  /** Statuses of the next answers; 0: none comes. */
  answers: number[] = [];

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let receiver: Receiver;
let url: string;
let fleets: JobFleet[];
beforeEach(async () => {
  receiver = new Receiver();
  url = await receiver.listen();
  fleets = [];
});
afterEach(async () => {
  for (const fleet of fleets.reverse()) await fleet[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

async function aFleet(more: object = {}, options: FleetOptions = {}): Promise<JobFleet> {
  const webhooks = {
    secrets: [secret],
    allowPrivate: true,
    pollMs: 50,
    timeoutMs: 500,
    waitsMs: [50, 50, 50],
    ...more,
  };
  const fleet = await JobFleet.start({ ...options, jobs: { webhooks, ...options.jobs } });
  fleets.push(fleet);
  return fleet;
}

async function aJob(fleet: JobFleet, more: object = {}): Promise<string> {
  await fleet.photos(1);
  const source = { kind: 'prefix', bucket: fleet.bucket, prefix: 'a/' };
  return (await fleet.job({ source, webhook: url, ...more })).id;
}

const left = async (fleet: JobFleet): Promise<string[]> => {
  const keys: string[] = [];
  for await (const page of fleet.parts.store.list('jobs/.webhooks/')) keys.push(...page.map(({ key }) => key));
  return keys;
};

describe('a webhook', { timeout: 60_000 }, () => {
  it('tells that a job is complete, once, and an independent verifier believes it', async () => {
    const fleet = await aFleet({ secrets: [newSecret, secret] });
    const id = await aJob(fleet);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    for (const known of [secret, newSecret]) {
      const payload = new Webhook(known).verify(body, headers as Record<string, string>);
      expect(payload).toMatchObject({ type: 'job.completed', data: { id, state: 'complete', failed: 0 } });
    }
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
    expect(headers['content-type']).toBe('application/json');
    await expect.poll(() => left(fleet)).toEqual([]);
  });

  it('tells of a retry that asked for one, and of its own job only', async () => {
    const fleet = await aFleet();
    const parent = await aJob(fleet);
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1);
    const answer = await fleet.call(`/v1/jobs/${parent}/retry`, { json: { webhook: url } });
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(2);
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({ data: { id, parent } });
    const nowhere = await fleet.call(`/v1/jobs/${parent}/retry`, { json: { webhook: 'ftp://x/' } });
    expect(nowhere.status).toBe(403);
  });

  it('is tried again after each failure, with the same id and body, signed anew', async () => {
    receiver.answers = [500, 302, 0];
    const fleet = await aFleet();
    await aJob(fleet);
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(4);
    expect(new Set(receiver.received.map(({ body, headers }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    for (const { body, headers } of receiver.received)
      expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
    await expect.poll(() => left(fleet)).toEqual([]);
  });

  it('is given up after the last attempt, and at once where the receiver is gone for good', async () => {
    receiver.answers = [500, 500, 500, 500, 500];
    const fleet = await aFleet();
    await aJob(fleet);
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(4);
    await expect.poll(() => left(fleet)).toEqual([]);
    receiver.answers = [410];
    receiver.received.length = 0;
    await aJob(fleet);
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(1);
    await expect.poll(() => left(fleet)).toEqual([]);
  });

  it('survives the service: what was not told before is told after', async () => {
    receiver.answers = [500];
    const first = await aFleet({ waitsMs: [300_000] });
    const id = await aJob(first);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    const { folder } = first;
    const second = await aFleet({ waitsMs: [1] }, { folder });
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(2);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[1]).toBe(ids[0]);
    expect(JSON.parse(receiver.received[1]?.body ?? '').data.id).toBe(id);
    await expect.poll(() => left(second)).toEqual([]);
  });

  it('is told once by two services on one store', async () => {
    const first = await aFleet();
    const { queues, feeder } = first.parts;
    const second = await aFleet({}, { folder: first.folder, worker: false, jobs: { queues, feeder } });
    for (let n = 0; n < 5; n++) await aJob(n % 2 ? first : second);
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(5);
    await expect.poll(() => left(first), { timeout: 10_000 }).toEqual([]);
    expect(receiver.received).toHaveLength(5);
  });

  it('tells of a job that was cancelled, and of one whose pictures cannot be listed', async () => {
    const fleet = await aFleet({}, { worker: false });
    const id = await aJob(fleet);
    await fleet.call(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'job.cancelled', data: { id } });
    // What is wrong stands behind what is looked at before the job is made.
    await fleet.put('bad.txt', `${'a/0000.jpg\n'.repeat(100_000)}s3://elsewhere/x\n`);
    const source = { kind: 'manifest', bucket: fleet.bucket, manifest: 'bad.txt', format: 'lines' };
    const failing = await aJob(fleet, { source });
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(2);
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({
      type: 'job.failed',
      data: { id: failing, state: 'cancelled', reason: { code: 'BUCKET_REFUSED' } },
    });
  });

  it('never waits: a receiver that does not answer delays neither the job nor other receivers', async () => {
    receiver.answers = Array(20).fill(0);
    const other = new Receiver();
    const otherUrl = await other.listen();
    const fleet = await aFleet({ timeoutMs: 20_000 });
    const id = await aJob(fleet);
    await fleet.until(id);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    await aJob(fleet, { webhook: otherUrl });
    await expect.poll(() => other.received.length, { timeout: 10_000 }).toBe(1);
    await other[Symbol.asyncDispose]();
  });

  it('is told in time, whatever was refused before: an answer may say when to come again', async () => {
    const fleet = await aFleet({ waitsMs: [1, 1] });
    receiver.answers = [429];
    await aJob(fleet);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(2);
  });
});

it.each([
  'https://127.0.0.1/x',
  'https://169.254.169.254/latest',
  'http://example.com/',
  'ftp://example.com/',
  'https://[::1]/',
])('a job with a webhook to %s is refused', async (address) => {
  const fleet = await aFleet({ allowPrivate: false }, { worker: false });
  const source = { kind: 'prefix', bucket: fleet.bucket, prefix: 'a/' };
  const answer = await fleet.call('/v1/jobs', { json: { source, webhook: address } });
  expect([answer.status, (await answer.json()).code]).toEqual([403, 'URL_REFUSED']);
  expect(await left(fleet)).toEqual([]);
});

it.each([
  '',
  'secret',
  'whsec_',
  `whsec_${Buffer.alloc(23).toString('base64')}`,
  `whsec_${Buffer.alloc(65).toString('base64')}`,
])('"%s" is no secret', (text) => {
  expect(() => new WebhookSigner([text])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
