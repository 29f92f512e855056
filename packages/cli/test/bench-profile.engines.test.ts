import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aFolder, runCommand } from './a-host.ts';

it('bench profile: stages of a picture, operators of a batch, and the roof of the machine, for people and as JSON', async () => {
  const line = ['bench', 'profile', '--seconds', '0.2', '--threads', '1', '--batch', '2'];
  const cwd = tmpdir();
  const { code, stdout } = await runCommand([...line, '--json'], { cwd });
  expect(code).toBe(0);
  const { model, timings, roof, operators, totals } = JSON.parse(stdout);
  expect(model.name).toBe('content');
  expect(timings.stages.infer.p50Ms).toBeGreaterThan(0);
  expect(operators).toMatchObject({ batch: 2, threads: 1 });
  expect(roof.float32PerSecond).toBeGreaterThan(1e8);
  const shares = totals.reduce((sum: number, { share }: { share: number }) => sum + share, 0);
  expect(shares).toBeCloseTo(1, 6);
  expect(totals[0].operator).toMatch(/^Conv/);
  const said = await runCommand([...line, '--quiet'], { cwd });
  expect(said.stdout).toMatch(/^OPERATOR +NODES +MS\/PICTURE/m);
  expect(said.stdout).toMatch(/The engine takes [\d.]+ ms a picture in batches of 2/);
}, 120_000);

it('bench profile says what it cannot take', async () => {
  expect(await runCommand(['bench', 'profile', '--seconds', 'soon'], { cwd: tmpdir() })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--seconds: got "soon"'),
  });
});

it('bench says which file is no picture, before anything is measured', async () => {
  const cwd = aFolder();
  const path = join(cwd, 'notes.jpg');
  writeFileSync(path, 'what was seen');
  for (const what of ['classify', 'profile']) {
    const { code, stdout, stderr } = await runCommand(['bench', what, 'notes.jpg', '--seconds', '1'], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error UNSUPPORTED_FORMAT: ');
    expect(stderr).toContain(path);
    expect(stderr).not.toContain('measuring');
  }
}, 60_000);
