import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClosableLogger, createLogger, type LoggerOptions, logLevels, silentLogger } from '../src/index.ts';

const opened: ClosableLogger[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

/** A logger whose lines are kept, and the lines. */
function collected(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    level: 'debug',
    service: 'worker',
    destination: { write: (line) => lines.push(line) },
    ...options,
  });
  opened.push(log);
  return { log, lines, entries: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

describe('a log line', () => {
  it('has one shape: level by name, ISO time, service, the fields, the message', () => {
    const { log, lines, entries } = collected();
    log.child({ job: 'j1' }).info({ task: 7, key: 'a.jpg' }, 'task done');
    expect(lines[0]?.endsWith('\n')).toBe(true);
    const [{ time, ...rest } = {}] = entries();
    expect(rest).toEqual({ level: 'info', service: 'worker', job: 'j1', task: 7, key: 'a.jpg', msg: 'task done' });
    expect(new Date(String(time)).toISOString()).toBe(time);
  });

  it('is written only from the level on, and children keep it', () => {
    const { log, entries } = collected({ level: 'warn' });
    log.info('no');
    log.child({ a: 1 }).debug('no');
    log.child({ a: 1 }).warn('yes');
    expect(entries()).toHaveLength(1);
    expect(log.isLevelEnabled('info')).toBe(false);
  });

  it('tells an error with its code, its cause and its stack', () => {
    const { log, entries } = collected();
    log.error({ err: new RookeryError('STORE_DENIED', { detail: 'bucket x', cause: new Error('403') }) }, 'put failed');
    expect(entries()[0]?.err).toMatchObject({ code: 'STORE_DENIED', detail: 'bucket x' });
    expect(JSON.stringify(entries()[0])).toContain('403');
  });

  it('never throws, whatever the destination does and whatever is logged', () => {
    const { log } = collected({
      destination: {
        write: () => {
          throw new Error('gone');
        },
      },
    });
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => log.info({ circle, big: 10n }, 'odd')).not.toThrow();
  });

  it('silentLogger says nothing, as often as it is asked', () => {
    expect(silentLogger.child({ a: 1 }).isLevelEnabled('fatal')).toBe(false);
    expect(() => silentLogger.error({ err: new Error('x') }, 'x')).not.toThrow();
    expect(logLevels).toContain('silent');
  });
});

describe('pretty lines', () => {
  const pretty = (colour: boolean) => collected({ pretty: true, colour });

  it('read clock, level, message, fields, and the stack of an error below', () => {
    const { log, lines } = pretty(false);
    log.warn({ job: 'j1', key: 'a b.jpg', err: new RookeryError('LEASE_LOST') }, 'lease lost');
    expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}lease lost job=j1 key="a b\.jpg"\n {2}.*LEASE_LOST/);
  });

  it('have colours only where asked', () => {
    const [plain, coloured] = [pretty(false), pretty(true)];
    plain.log.info('x');
    coloured.log.info('x');
    expect(plain.lines[0]).not.toContain('\u001b');
    expect(coloured.lines[0]).toContain('\u001b[32mINFO');
  });

  it('let no escape sequence of a picture through to the terminal', () => {
    const { log, lines } = pretty(false);
    log.info({ key: 'a\u001b]0;owned\u0007\u009b2J.jpg' }, 'read \u001b[2J\u009b');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
    expect(lines.join('').replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe('a log file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-log-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('holds everything once the logger is closed, as JSON though the terminal reads pretty', async () => {
    const path = join(folder, 'logs', 'rookery.log');
    const { log, lines } = collected({ file: { path }, pretty: true, colour: false });
    for (let index = 0; index < 1000; index++) log.info({ index }, 'line');
    await log.close();
    const written = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(written.map((line) => JSON.parse(line).index)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(lines).toHaveLength(1000);
  });

  it('is turned over by size and keeps as many older ones as asked', async () => {
    const path = join(folder, 'rookery.log');
    const log = createLogger({
      level: 'info',
      service: 'cli',
      destination: 'none',
      file: { path, maxBytes: 2000, keep: 2 },
    });
    for (let index = 0; index < 100; index++) {
      log.info({ index }, 'a line of about a hundred bytes');
      // Each in a write of its own.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await log.close();
    expect((await readdir(folder)).sort()).toEqual(['rookery.log', 'rookery.log.1', 'rookery.log.2']);
    const files = await Promise.all(['.2', '.1', ''].map((ending) => readFile(`${path}${ending}`, 'utf8')));
    for (const text of files) expect(text.length).toBeLessThanOrEqual(2000);
    const indices = files.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line).index);
    expect(indices).toEqual(Array.from({ length: indices.length }, (_, index) => 100 - indices.length + index));
  });

  it('goes on after the lines that are there', async () => {
    const path = join(folder, 'rookery.log');
    for (const text of ['first', 'second']) {
      const log = createLogger({ level: 'info', service: 'cli', destination: 'none', file: { path } });
      log.info(text);
      await log[Symbol.asyncDispose]();
    }
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
  });

  it('that cannot be opened is said at once', () => {
    const open = () =>
      createLogger({ level: 'info', service: 'cli', destination: 'none', file: { path: `${folder}/\u0000` } });
    expect(open).toThrowError(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  // In a process of its own: Node's recursive mkdir tries for ever there.
  it.skipIf(process.platform !== 'linux')('below a folder that the system makes nothing in is refused, too', () => {
    const file = { path: '/proc/rookery/logs/rookery.log' };
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { createLogger } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url))};
        try { createLogger({ level: 'info', service: 'cli', destination: 'none', file: ${JSON.stringify(file)} }); }
        catch ({ code, detail }) { console.log(code, detail); }`,
      ],
      { timeout: 20_000, encoding: 'utf8' },
    );
    expect(stdout).toContain('CONFIG_INVALID the log file /proc/rookery/logs/rookery.log cannot be written');
    expect(status).toBe(0);
  });
});
