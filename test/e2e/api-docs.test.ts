import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photograph } from './pictures.ts';
import { rookery, rookeryFile, userIn } from './rookery.ts';

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);
const text = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

describe.skipIf(!hasCurl)('each shell block of docs/api.md works as it stands there', () => {
  let folder: string;
  let child: ChildProcess;
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-docs-'));
    const photos = join(folder, 'photos');
    await mkdir(photos);
    await copyFile(photograph('black-canyon'), join(folder, 'photo.jpg'));
    await copyFile(photograph('nagasaki-boats'), join(photos, 'robin.jpg'));
    await copyFile(photograph('acanthus-mollis'), join(photos, 'lark.jpg'));
    const keys = ['--keys', join(folder, 'keys.json')];
    const made = await rookery(['keys', 'create', 'docs', '--scopes', 'admin', '--json', ...keys], { cwd: folder });
    const { key } = JSON.parse(made.stdout) as { key: string };
    const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    child = spawn(
      process.execPath,
      [rookeryFile, 'serve', '--port', '0', '--sources', photos, '--threads', '1', ...keys],
      {
        cwd: folder,
        env: userIn(folder, { ROOKERY_WEBHOOK_SECRETS: secret }),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    const address = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          said += chunk;
          const [, found] = /Rookery answers at (\S+)/.exec(said) ?? [];
          if (found) resolve(found);
        });
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
    });
    env = { PATH: process.env.PATH, ROOKERY: address, KEY: key, BUCKET: pathToFileURL(photos).href };
  });
  afterAll(async () => {
    const exited = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await exited;
    await rm(folder, { recursive: true, force: true });
  });

  it.each(blocks.map((block) => [block.split('\n')[0]?.slice(0, 100) ?? '', block]))('%s', async (_, block) => {
    const { stdout } = await run('bash', ['-euc', block], { cwd: folder, env, timeout: 60_000, maxBuffer: 1 << 24 });
    expect(stdout).not.toContain('not found:');
  });

  it('and leaves what it says: lines, a table, the pictures', async () => {
    const lines = (await readFile(join(folder, 'labels.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).key)).toEqual(['lark.jpg', 'robin.jpg']);
    expect(`${lines.join('\n')}\n`.slice(100)).toBe(await readFile(join(folder, 'rest.jsonl'), 'utf8'));
    expect((await readFile(join(folder, 'labels.csv'), 'utf8')).split('\n')).toHaveLength(4);
    expect((await readFile(join(folder, 'labels.parquet'))).toString('latin1', 0, 4)).toBe('PAR1');
    expect((await readFile(join(folder, 'robin.webp'))).toString('latin1', 8, 12)).toBe('WEBP');
  });

  it('names every call of jobs, uploads and the fleet', async () => {
    const document = (await (await fetch(`${env.ROOKERY}/openapi.json`)).json()) as { paths: Record<string, object> };
    const paths = Object.keys(document.paths).filter((path) => /^\/v1\/(jobs|uploads|fleet)/.test(path));
    expect(paths).toHaveLength(13);
    const shell = blocks.join('\n');
    for (const path of paths) {
      const pattern = path.replaceAll('/', '\\/').replace(/\{\w+\}/g, '[\\w-]+');
      expect([path, new RegExp(`${pattern}(["?\\s]|$)`, 'm').test(shell)]).toEqual([path, true]);
    }
  });
});
