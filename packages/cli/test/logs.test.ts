import { writeFileSync } from 'node:fs';
import { appendFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { fileLines } from '../src/logs/file-lines.ts';
import { aFolder, runCommand } from './a-host.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const line = (second: number, level: string, fields: object, msg: string) =>
  `${JSON.stringify({ level, time: at(second), service: 'worker', ...fields, msg })}\n`;

function aLog(): string {
  const file = join(aFolder(), 'rookery.log');
  writeFileSync(`${file}.2`, line(1, 'info', { job: 'j1', task: 7 }, 'oldest'));
  writeFileSync(`${file}.1`, line(2, 'warn', { job: 'j1', task: 8, key: 'a.jpg' }, 'older'));
  writeFileSync(file, `${line(3, 'error', { job: 'j2' }, 'newest')}not a line of the log\n`);
  return file;
}

it('rookery logs reads a file with those before it, in order', async () => {
  const ran = await runCommand(['logs', aLog()]);
  expect(ran.stdout).toMatch(/INFO .*oldest.*\n.*WARN .*older.*\n.*ERROR .*newest.*\nnot a line of the log\n/);
});

it('rookery logs reads files that were compressed, and says the day of each line', async () => {
  const file = aLog();
  writeFileSync(`${file}.3.gz`, gzipSync(line(0, 'info', {}, 'compressed')));
  const { stdout } = await runCommand(['logs', file]);
  expect(stdout).toMatch(/^2026-01-01 \d\d:00:00\.000 INFO {2}compressed\n2026-01-01 .*oldest/);
  expect((await runCommand(['logs', `${file}.3.gz`])).stdout).toContain('compressed');
  writeFileSync(`${file}.3.gz`, gzipSync('x'.repeat(1_000)).subarray(0, 15));
  expect(await runCommand(['logs', file])).toMatchObject({ code: 1, stderr: expect.stringContaining('.log.3.gz') });
});

it.each([
  [
    ['--level', 'warn'],
    ['older', 'newest'],
  ],
  [
    ['--job', 'j1'],
    ['oldest', 'older'],
  ],
  [['--task', '8'], ['older']],
  [['--key', 'a.jpg'], ['older']],
  [['--service', 'serve'], []],
  [
    ['--since', at(2)],
    ['older', 'newest'],
  ],
  [['--until', at(2)], ['oldest']],
  [['--grep', 'j2'], ['newest']],
  [['--job', 'j1', '--level', 'warn'], ['older']],
])('rookery logs %j', async (flags, messages) => {
  const { stdout } = await runCommand(['logs', aLog(), '--json', '--grep', '"msg"', ...flags]);
  const entries = stdout.trim() === '' ? [] : stdout.trim().split('\n');
  expect(entries.map((entry) => JSON.parse(entry).msg)).toEqual(messages);
});

it('rookery logs says which file is missing, and asks which log is meant', async () => {
  expect(await runCommand(['logs', '/nonexistent/a.log'])).toMatchObject({ code: 2 });
  expect((await runCommand(['logs'])).stderr).toContain('ROOKERY_LOG_FILE');
});

it('what follows a file goes on in the one that takes its place, and loses nothing between', async () => {
  const file = join(aFolder(), 'a.log');
  await writeFile(file, 'one\n');
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const each of fileLines(file, { follow: true, signal: stop.signal })) seen.push(each);
  })();
  await expect.poll(() => seen).toEqual(['one']);
  await appendFile(file, 'two\nhal');
  await appendFile(file, 'f\n');
  await rename(file, `${file}.1`);
  await writeFile(file, 'three\n');
  await expect.poll(() => seen).toEqual(['one', 'two', 'half', 'three']);
  stop.abort();
  await following;
});

it('what follows a file that is emptied in place, or whose older ones are compressed, sees each line once', async () => {
  const file = join(aFolder(), 'a.log');
  await writeFile(file, 'one and more\n');
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const each of fileLines(file, { follow: true, signal: stop.signal })) seen.push(each);
  })();
  await expect.poll(() => seen).toEqual(['one and more']);
  await truncate(file);
  await appendFile(file, 'two\n');
  await expect.poll(() => seen).toEqual(['one and more', 'two']);
  const { atime, mtime } = await stat(file);
  await writeFile(`${file}.1.gz`, gzipSync('two\n'));
  await utimes(`${file}.1.gz`, atime, mtime);
  await rm(file);
  await writeFile(file, 'three\n');
  await expect.poll(() => seen).toEqual(['one and more', 'two', 'three']);
  stop.abort();
  await following;
});

it('what follows a file that is turned over faster than it is read loses nothing', async () => {
  const file = join(aFolder(), 'a.log');
  await writeFile(file, 'one\n');
  await writeFile(`${file}.1`, 'zero\n');
  const stop = new AbortController();
  const seen: string[] = [];
  let goOn = (): void => {};
  const asked = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const following = (async () => {
    for await (const each of fileLines(file, { follow: true, signal: stop.signal })) {
      seen.push(each);
      // A terminal that is held, or a pager.
      if (each === 'one') await asked;
    }
  })();
  await expect.poll(() => seen).toEqual(['zero', 'one']);
  for (const text of ['two', 'three', 'four']) {
    for (const older of [2, 1]) await rename(`${file}.${older}`, `${file}.${older + 1}`).catch(() => {});
    await rename(file, `${file}.1`);
    await writeFile(file, `${text}\n`);
  }
  goOn();
  await expect.poll(() => seen).toEqual(['zero', 'one', 'two', 'three', 'four']);
  stop.abort();
  await following;
});

it('following a Loki that is away for a moment goes on, and says so', async () => {
  let answers = 0;
  const server = createServer((_request, response) => {
    answers++;
    if (answers === 2) response.statusCode = 502;
    const at = `${BigInt(Date.now()) * 1_000_000n}`;
    const values = answers === 2 ? [] : [[at, line(answers, 'info', {}, `m${answers}`).trimEnd()]];
    response.end(JSON.stringify({ data: { result: [{ values }] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = new AbortController();
  try {
    const running = runCommand(['logs', '--loki', url, '--follow'], { signal: stop.signal });
    await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(2);
    stop.abort();
    const { stdout, stderr } = await running;
    expect(stdout).toContain('m1');
    expect(stdout).toContain('m3');
    expect(stderr).toContain('status 502');
    expect(stderr).toContain('; trying again\nLoki answers again\n');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('rookery logs reads Loki page by page, each line once, and asks it for what it can filter', async () => {
  const asked: URLSearchParams[] = [];
  const count = 2_300;
  const times = Array.from({ length: count }, (_, index) => BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n + BigInt(index));
  // As Loki answers: from `start` on, `end` excluded, forward, `limit` lines, by stream.
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://loki').searchParams;
    asked.push(query);
    const [start, end] = [BigInt(query.get('start') ?? 0), BigInt(query.get('end') ?? 0)];
    const found = times.flatMap((time, task) =>
      time >= start && time < end ? [[String(time), line(task % 60, 'warn', { job: 'j1', task }, 'm').trimEnd()]] : [],
    );
    const values = found.slice(0, Number(query.get('limit')));
    const odd = values.filter((_, index) => index % 2 === 1);
    const result = [odd, values.filter((_, index) => index % 2 === 0)].map((each) => ({ stream: {}, values: each }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'streams', result } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const flags = ['--since', '2026-01-01', '--level', 'warn', '--service', 'worker', '--job', 'j1', '--json'];
    const { stdout } = await runCommand(['logs', '--loki', url, ...flags]);
    const tasks = stdout.trim().split('\n');
    expect(tasks.map((entry) => JSON.parse(entry).task)).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(asked[0]?.get('query')).toBe('{service="worker",level=~"warn|error|fatal"} |= "\\"j1\\""');
    expect(asked.length).toBe(3);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
