import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aFolder, runCommand } from './a-host.ts';

it('rookery cost says what a million pictures cost, line by line, by prices that can be edited', async () => {
  const cwd = aFolder();
  const { stdout, code } = await runCommand(['cost'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/reading pictures \(GET\) +0\.40 +1,000 thousand requests at \$0\.0004/);
  expect(stdout).toMatch(/\$0\.\d\d per million pictures on Fargate Spot, 1 vCPU, 2 GB/);
  const prices = JSON.parse((await runCommand(['cost', '--print-prices'], { cwd })).stdout);
  prices.prices.s3GetThousand.usd = 0.001;
  writeFileSync(join(cwd, 'mine.json'), JSON.stringify(prices));
  const mine = JSON.parse(
    (await runCommand(['cost', '--prices', 'mine.json', '--pictures', '2000000', '--json'], { cwd })).stdout,
  );
  expect(mine.job.find(({ what }: { what: string }) => what.startsWith('reading')).usd).toBeCloseTo(2, 9);
  expect(await runCommand(['cost', '--rate', '0'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--rate'),
  });
});

it.each([
  [['--vcpu', '0.3'], 'Fargate has no task of 0.3 vCPU, only of 0.25, 0.5, 1, 2, 4, 8, 16'],
  [['--memory', '16'], 'Fargate has no task of 1 vCPU and 16 GB: with so many vCPU it has 2 to 8 GB in steps of 1'],
  [['--vcpu', '8', '--memory', '18'], 'with so many vCPU it has 16 to 60 GB in steps of 4'],
  [['--vcpu', '0.25', '--memory', '4'], 'with so many vCPU it has 0.5, 1, 2 GB'],
])('rookery cost %j is refused with what there is', async (argv, said) => {
  const { code, stderr } = await runCommand(['cost', ...argv]);
  expect(stderr).toContain(said);
  expect(code).toBe(2);
});

it('rookery cost takes the least memory that goes with the processors', async () => {
  const { stdout } = await runCommand(['cost', '--vcpu', '4', '--json']);
  expect(JSON.parse(stdout).workload.worker).toEqual({ kind: 'fargate-spot', vcpu: 4, memoryGb: 8 });
});

it('rookery simulate is the same each time, and draws what it found', async () => {
  const cwd = aFolder();
  const once = () =>
    runCommand(['simulate', '--trace', 'burst', '--max', '8', '--json', '--plot', 'fleet.svg'], { cwd });
  const { stdout } = await once();
  expect((await once()).stdout).toBe(stdout);
  expect(JSON.parse(stdout)).toMatchObject({ pictures: 80_000, config: { maxWorkers: 8 }, mostWorkers: 8 });
  expect(readFileSync(join(cwd, 'fleet.svg'), 'utf8')).toMatch(/^<svg /);
  writeFileSync(join(cwd, 'mine.jsonl'), '{"atMs":0,"pictures":512}\n');
  expect((await runCommand(['simulate', '--trace', 'mine.jsonl'], { cwd })).stdout).toMatch(/tasks +2\n/);
  expect(await runCommand(['simulate', '--trace', 'nowhere'], { cwd })).toMatchObject({ code: 2 });
  expect(await runCommand(['simulate', '--min', '9', '--max', '3'], { cwd })).toMatchObject({ code: 2 });
  expect(await runCommand(['simulate', '--delay', '100d'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--delay: got "100d", allowed: a time such as 500ms, 30s or 5m, at most 86400 s'),
  });
});

it('rookery deploy plan says what a deployment makes and costs, from a file that may be edited', async () => {
  const cwd = aFolder();
  const plan = async (...args: string[]) =>
    JSON.parse((await runCommand(['deploy', 'plan', '--json', ...args], { cwd })).stdout);
  const small = await plan();
  expect(small).toMatchObject({ deployment: { name: 'rookery', preset: 'small', scaling: { minWorkers: 0 } } });
  expect(small.resources).toContainEqual(expect.objectContaining({ type: 'AWS::SQS::Queue', count: 6 }));
  const workers = (lines: { what: string; usd: number }[]) => lines.find(({ what }) => what === 'workers')?.usd;
  expect(workers(small.idleHour)).toBe(0);
  writeFileSync(join(cwd, 'mine.json'), '{"name": "owls", "scaling": {"minWorkers": 2, "maxWorkers": 20}}');
  const mine = await plan('--file', 'mine.json', '--preset', 'spot');
  expect(mine.deployment).toMatchObject({ name: 'owls', preset: 'spot', scaling: { backlogPerWorker: 4 } });
  expect(workers(mine.busyHour)).toBeCloseTo(10 * (workers(mine.idleHour) ?? 0), 9);
  expect((workers(mine.busyHour) ?? 0) / 20).toBeLessThan((workers(small.busyHour) ?? 0) / 4);
  const { stdout } = await runCommand(['deploy', 'plan'], { cwd });
  expect(stdout).toMatch(/EC2::VPC +1 +two zones, no NAT/);
  expect(stdout).toContain('\nNot in it: Container Insights');
  const wrong = {
    '{"presets": "spot"}': 'presets',
    '{"scaling": {"maxWorkers": 20000}}': 'scaling.maxWorkers',
    null: 'expected object',
    '[]': 'expected object',
    '{': 'JSON',
  };
  for (const [text, named] of Object.entries(wrong)) {
    writeFileSync(join(cwd, 'wrong.json'), text);
    const { code, stderr } = await runCommand(['deploy', 'plan', '--file', 'wrong.json', '--preset', 'spot'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(new RegExp(`wrong\\.json: .*${named}`))]);
  }
  expect(await runCommand(['deploy', 'plan', '--file', 'nowhere.json'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nowhere.json: there is no such file'),
  });
});

it('files of Windows editors, which begin with a byte order mark, are read as others', async () => {
  const cwd = aFolder();
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), `\uFEFF${text}\r\n`);
  write('prices.json', (await runCommand(['cost', '--print-prices'], { cwd })).stdout.replaceAll('\n', '\r\n'));
  write('deploy.json', '{"name": "owls"}');
  write('trace.jsonl', '{"atMs": 0, "pictures": 512}');
  write('rookery.config.json', '{"models": {"model": "owls"}}');
  expect((await runCommand(['cost', '--prices', 'prices.json'], { cwd })).code).toBe(0);
  expect((await runCommand(['deploy', 'plan', '--file', 'deploy.json'], { cwd })).stdout).toMatch(/^owls in /);
  expect((await runCommand(['simulate', '--trace', 'trace.jsonl'], { cwd })).stdout).toMatch(/tasks +2\n/);
  expect((await runCommand(['config'], { cwd })).stdout).toMatch(/models\.model +"?owls/);
});
