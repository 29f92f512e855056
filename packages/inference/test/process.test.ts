import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookingGlass } from './looking-glass.ts';

const folder = mkdtempSync(join(tmpdir(), 'rookery-process-'));
const child = fileURLToPath(new URL('./children/work.mjs', import.meta.url));
const modelFile = join(folder, 'model.json');
const large = join(folder, 'large.jpg');
const progressive = join(folder, 'progressive.jpg');
const largest = join(folder, 'largest.png');
const bytesOf = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#406080', noise: undefined } as never });

beforeAll(async () => {
  const model = lookingGlass({ kernel: 'bilinear-half-pixel' });
  const bytes = 'bytes' in model.graph ? Buffer.from(model.graph.bytes).toString('base64') : '';
  writeFileSync(modelFile, JSON.stringify({ ...model, graph: { ...model.graph, bytes } }));
  writeFileSync(large, await bytesOf(4000, 3000).jpeg().toBuffer());
  writeFileSync(progressive, await bytesOf(7000, 7000).jpeg({ progressive: true }).toBuffer());
  writeFileSync(largest, await bytesOf(7000, 7000).png({ compressionLevel: 1 }).toBuffer());
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | string | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}
const runIn = (env: NodeJS.ProcessEnv, how: string, ...pictures: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { timeout: 120_000, env: { ...process.env, ...env } };
    execFile(process.execPath, [child, modelFile, how, ...pictures], options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, signal: error?.signal ?? null, stdout, stderr }),
    );
  });
const run = (how: string, ...pictures: string[]): Promise<Ended> => runIn({}, how, ...pictures);

describe('a process that uses a classifier', () => {
  it('has no thread left after disposing, and ends', async () => {
    const { code, stdout, stderr } = await run('dispose', large);
    expect({ code, stderr, stdout: stdout.trim() }).toEqual({ code: 0, stderr: '', stdout: '[]' });
  }, 120_000);

  it('leaves nothing in the home of its user: the runtime keeps no record of what it ran', async () => {
    const home = mkdtempSync(join(folder, 'home-'));
    const env = { HOME: home, XDG_CACHE_HOME: join(home, '.cache'), ORT_DISABLE_TELEMETRY: undefined };
    expect(await runIn(env, 'dispose', large)).toMatchObject({ code: 0 });
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  }, 120_000);

  it('is not kept alive by a classifier that was merely left open', async () => {
    const { code, stdout } = await run('leave', large);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'labelled\n' });
  }, 120_000);

  it.each(['exit', 'background'])(
    'may leave in the middle of decoding and computing (%s): it ends with its own code, not with an abort',
    async (how) => {
      for (let i = 0; i < 4; i++) expect(await run(how, large)).toMatchObject({ code: 3, signal: null, stderr: '' });
    },
    240_000,
  );

  it('that fails in the middle of it says what failed', async () => {
    const { code, signal, stderr } = await run('crash', large);
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('as planned');
  }, 120_000);

  it('stays below 600 MB with many large pictures, those at the pixel limit included', async () => {
    const { stdout, stderr } = await run('memory', large, progressive, large, largest);
    expect(stderr).toBe('');
    const { outcomes, maxRssMb } = JSON.parse(stdout);
    expect(outcomes).toEqual({ labelled: 32 });
    expect(maxRssMb).toBeLessThan(600);
  }, 240_000);
});
