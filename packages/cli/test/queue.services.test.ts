import { type Pin, RookeryError, type Task } from '@rookery/contracts';
import { openQueue } from '@rookery/queue';
import { expect, inject, it, vi } from 'vitest';
import { runCommand } from './a-host.ts';

const { redis, sqs } = inject('services');
const name = `cli-${process.pid}`;

const flags = ['--queue', redis.url, '--queue-name', name];
const open = (lane: string) => openQueue({ kind: 'bullmq', url: redis.url, name: `${name}-${lane}`, leaseMs: 5_000 });

const aTask = (key: string): Task => ({
  v: 1,
  pin: { v: 1 } as unknown as Pin,
  items: [{ key }],
  bucket: 'photos',
  top: 1,
});

// On SQS the same calls go through the same port, whose suite says what they do.
it.skipIf(!redis.available)(
  'rookery queue shows what waits and what was given up, sends again and forgets',
  async () => {
    const rookery = (...argv: string[]) => runCommand(['queue', ...argv, ...flags]);
    await using events = await open('events');
    await using jobs = await open('jobs');
    await jobs.send([aTask('waiting.jpg')]);
    for (const key of ['one\u001b[2J.jpg', 'two.jpg'])
      await events.dead.add(aTask(key), new RookeryError('PICTURE_CRASHED_WORKER', { detail: 'exit code 139' }));

    await expect
      .poll(async () => (await rookery('show')).stdout)
      .toMatch(/events +0 +0 +0 +2\njobs +1 +0 +0 +0 +\d+ s\n/);
    const listed = await rookery('dead');
    // What comes from anywhere moves no terminal.
    expect(listed.stdout).toMatch(/events .* PICTURE_CRASHED_WORKER +one\?\[2J\.jpg/);
    const letters = (await rookery('dead', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(letters.map(({ lane, reason }) => [lane, reason.detail])).toEqual(
      Array(2).fill(['events', 'exit code 139']),
    );
    expect((await rookery('dead', letters[0].id)).stdout).toContain('reason   PICTURE_CRASHED_WORKER: exit code 139');

    for (const { id } of letters) expect((await rookery('dead', id)).stdout).not.toContain('\u001b');

    expect(await rookery('redrive')).toMatchObject({ code: 2 });
    const nowhere = { code: 1, stderr: expect.stringContaining('there is no such object: dead letter nowhere') };
    expect(await rookery('dead', 'nowhere')).toMatchObject(nowhere);
    for (const what of ['redrive', 'purge'])
      expect(await rookery(what, 'nowhere', 'nowhere')).toMatchObject({ ...nowhere, stdout: '' });
    expect(await rookery('redrive', letters[0].id, 'nowhere')).toMatchObject({
      code: 1,
      stdout: '1 dead letter sent again\n',
      stderr: expect.stringContaining(`dead letter 1 of ${letters[0].id}, nowhere`),
    });
    expect((await rookery('purge', '--all', '--lane', 'jobs')).stdout).toBe('0 dead letters forgotten\n');
    expect((await rookery('purge', '--all')).stdout).toBe('1 dead letter forgotten\n');
    expect((await rookery('dead')).stdout).toBe('no dead letters\n');
    await expect
      .poll(async () => JSON.parse((await rookery('show', '--json')).stdout))
      .toMatchObject([
        { lane: 'events', ready: 1, dead: 0 },
        { lane: 'jobs', ready: 1, dead: 0 },
      ]);
  },
);

it.skipIf(!sqs.available)(
  'rookery queue create makes the queues of SQS that are missing, and again harms nothing',
  async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'rookery');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'rookery-secret');
    const env = { AWS_ENDPOINT_URL_SQS: sqs.endpoint, AWS_REGION: 'us-east-1' };
    const rookery = (what: string) => runCommand(['queue', what, '--queue', `sqs://${name}`], { env });
    expect(await rookery('show')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('hint: `rookery queue create` makes the queues that are missing'),
    });
    const made = {
      code: 0,
      stdout: `${name}-events and ${name}-jobs are there, each with a place for its dead letters\n`,
    };
    expect(await rookery('create')).toMatchObject(made);
    expect(await rookery('create')).toMatchObject(made);
    expect((await rookery('show')).stdout).toMatch(/events +0 +0 +0 +0\n.*jobs +0 +0 +0 +0\n/s);
  },
);
