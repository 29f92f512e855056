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

  it.skipIf(process.platform === 'win32')('spoils no line behind one that a full disk tore', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-'));
    const path = join(folder, 'a.log');
    // Files of this process end at some kilobytes, and a write beyond is cut there, as on a disk that is full.
    const source = `import { createLogger } from ${JSON.stringify(logger)};
      import { readFileSync, statSync, truncateSync, appendFileSync } from 'node:fs';
      const path = ${JSON.stringify(path)};
      try { for (;;) appendFileSync(path, 'x'.repeat(99) + '\\n'); } catch {}
      truncateSync(path, Math.floor(statSync(path).size / 100 - 3) * 100);
      const log = createLogger({ level: 'info', service: 'x', destination: 'none', file: { path } });
      const before = statSync(path).size;
      for (let n = 0; n < 9; n++) log.info({ n }, 'too much');
      await new Promise((resolve) => setTimeout(resolve, 200));
      const kept = readFileSync(path).subarray(before);
      truncateSync(path, 0);
      appendFileSync(path, kept);
      log.info('there is room again');
      await log.close();`;
    const limited = 'trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"';
    const child = spawn('sh', ['-c', limited, process.execPath, source], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [code] = await once(child, 'close');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    await rm(folder, { recursive: true });
    const torn = lines.findIndex((line) => !line.endsWith('}'));
    expect({ code, torn: torn >= 0 }).toEqual({ code: 0, torn: true });
    expect(lines.slice(torn + 1).map((line) => JSON.parse(line))).toMatchObject([
      { dropped: 9, msg: 'log lines were dropped' },
      { msg: 'there is room again' },
    ]);
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
