import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineWriter } from '../src/line-writer.ts';

const logger = new URL('../dist/index.js', import.meta.url).href;
const droppedLine = (count: number) => `dropped ${count}\n`;

/** A real process that logs; its standard error is ours to treat badly. */
function logging(script: string) {
  const source = `import { createLogger } from ${JSON.stringify(logger)};\n${script}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('a logging process', () => {
  it('leaves its last lines behind when it exits without closing the logger', async () => {
    const child = logging(`
      const log = createLogger({ level: 'info', service: 'x' });
      for (let i = 0; i < 500; i++) log.info({ i }, 'line');
      process.exit(3);`);
    let text = '';
    child.stderr.on('data', (chunk) => (text += chunk));
    const [code] = await once(child, 'close');
    expect(code).toBe(3);
    expect(text.trimEnd().split('\n')).toHaveLength(500);
  });

  it('goes on when the reader of its log went away', async () => {
    const child = logging(`
      const log = createLogger({ level: 'info', service: 'x' });
      for (let i = 0; i < 50; i++) { log.info({ i }, 'x'.repeat(10000)); await new Promise((r) => setTimeout(r, 2)); }
      await log.close();
      console.log('done');`);
    child.stderr.destroy();
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    const [code] = await once(child, 'close');
    expect({ code, out }).toEqual({ code: 0, out: 'done\n' });
  });

  it('neither waits nor grows when the reader reads nothing', async () => {
    const child = logging(`
      const log = createLogger({ level: 'info', service: 'x' });
      const line = 'x'.repeat(1000);
      for (let i = 0; i < 50000; i++) { log.info(line); if (i % 100 === 0) await new Promise(setImmediate); }
      console.log(process.memoryUsage.rss() < 300e6 ? 'small' : 'grown');
      await log.close();
      console.log('closed');
      process.exit(0);`);
    child.stderr.pause();
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    await once(child, 'exit');
    child.stderr.resume();
    expect(out).toBe('small\nclosed\n');
  });
});

describe('a writer of lines', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-lines-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('drops what it cannot hold and says how much once it writes again', async () => {
    const path = join(folder, 'log');
    const fd = openSync(path, 'a');
    const writer = new LineWriter(
      { fd, before: () => {}, close: () => closeSync(fd) },
      { maxHeldBytes: 100, droppedLine },
    );
    for (let index = 0; index < 50; index++) writer.write(`line ${index}..\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    writer.write('after\n');
    await writer.close();
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const dropped = lines.map((line) => /^dropped (\d+)$/.exec(line)?.[1]).find((count) => count !== undefined);
    expect(Number(dropped)).toBe(50 - (lines.length - 2));
    expect(lines.at(-1)).toBe('after');
  });

  it.skipIf(process.platform !== 'linux')('survives a full disk and says what it lost', async () => {
    const fds = { fd: openSync('/dev/full', 'a') };
    const path = join(folder, 'log');
    const writer = new LineWriter(
      {
        get fd() {
          return fds.fd;
        },
        before: () => {},
        close: () => closeSync(fds.fd),
      },
      { droppedLine },
    );
    writer.write('lost\n');
    writer.write('lost too\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    closeSync(fds.fd);
    // Room again.
    fds.fd = openSync(path, 'a');
    writer.write('kept\n');
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe('dropped 2\nkept\n');
  });
});
