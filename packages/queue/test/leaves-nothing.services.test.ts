import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import '../../../test/services/setup.ts';
import type { QueueOptions } from '../src/index.ts';
import { aTask } from './a-task.ts';

const { redis, sqs } = inject('services');
const face = new URL('../dist/index.js', import.meta.url).href;

/** Uses a queue in every way that starts something, closes it, and has nothing else to do. */
const script = (options: QueueOptions): string => `
const { openQueue } = await import(${JSON.stringify(face)});
const options = ${JSON.stringify(options)};
const queue = await openQueue(options);
const other = await openQueue(options);
await queue.send(${JSON.stringify([aTask('a'), aTask('b'), aTask('c')])});
const [one] = await queue.receive(1, { waitMs: 5_000 });
await one.extend();
await one.retry(60_000);
const [two] = await queue.receive(1, { waitMs: 5_000 });
await two.ack();
await queue.receive(1, { waitMs: 5_000 });
await queue.depth();
const stop = new AbortController();
const given = other.receive(1, { waitMs: 600_000, signal: stop.signal });
const waiting = queue.receive(1, { waitMs: 600_000 });
setTimeout(() => stop.abort(), 100);
await given;
await queue[Symbol.asyncDispose]();
await other[Symbol.asyncDispose]();
await waiting;
console.log('closed');`;

/** What the process printed, and how long it lived after that. */
function run(source: string): Promise<{ printed: string; livedOnMs: number; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 50_000,
    });
    let printed = '';
    let closedMs = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      closedMs = performance.now();
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve({ printed, livedOnMs: performance.now() - closedMs, code }));
  });
}

const name = `tasks-${randomUUID()}`;
const { endpoint, region, credentials } = sqs;
const kinds: [string, boolean, QueueOptions][] = [
  ['memory', true, { kind: 'memory', name, leaseMs: 30_000 }],
  ['BullMQ', redis.available, { kind: 'bullmq', name, leaseMs: 30_000, url: redis.url }],
  [
    'SQS',
    sqs.available,
    { kind: 'sqs', name, leaseMs: 30_000, endpoint, region, credentials, create: true, pollMs: 1_000 },
  ],
];

describe.each(kinds)('the %s queue', (_kind, available, options) => {
  it.skipIf(!available)('leaves no timer, socket or thread behind: the process ends by itself', async () => {
    const { printed, livedOnMs, code } = await run(script(options));
    expect(printed).toContain('closed');
    expect(code).toBe(0);
    expect(livedOnMs).toBeLessThan(5_000);
  });
});
