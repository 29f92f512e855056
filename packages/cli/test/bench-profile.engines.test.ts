import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { runCommand } from './a-host.ts';

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
