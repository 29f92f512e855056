import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../docker/build.mjs', import.meta.url));

it.each([
  [['nope'], 'nope is none of worker, producer, api'],
  [['worker-tensorrt'], 'worker-tensorrt is none of worker, producer, api'],
  [['worker', '--push'], "Unknown option '--push'"],
  [['--tag'], "Option '--tag <value>' argument missing"],
  [['worker', '--models', 'no/models'], '--models no/models: there is no such folder'],
  [['worker'], 'ROOKERY_BUILDER no-such-program: it cannot be run'],
])('the images are not built of a line that is wrong, which is said in one: %j', (argv, why) => {
  const env = { ...process.env, ROOKERY_BUILDER: 'no-such-program' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...argv], { encoding: 'utf8', env });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^docker\/build\.mjs: .*\n$/);
  expect(stderr).toContain(why);
});
