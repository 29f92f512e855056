import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobLedger } from '@rookery/jobs';
import { openRegistry } from '@rookery/models';
import { FsStore } from '@rookery/storage';
import { describe, expect, it } from 'vitest';
import { aJob, aPin } from '../../jobs/test/fixtures.ts';
import { anotherDraft } from '../../models/test/a-draft.ts';
import { aFolder, runCommand } from './a-host.ts';
import { aMachine, registerPromoteRollBack } from './registry-scenario.ts';

describe('a registry in a folder that machines share', () => {
  it('is pushed to, promoted in, rolled back, pulled from', async () => {
    const shared = join(aFolder(), 'shared');
    const env = { ROOKERY_REGISTRY: shared };
    await registerPromoteRollBack(await aMachine(env), await aMachine(env), shared);
  });

  it('is named by a flag instead of the environment; a folder of the command line is meant before both', async () => {
    const { folder, models, one } = await aMachine({ ROOKERY_REGISTRY: '/nonexistent/registry' });
    expect((await models('list', '--models', folder)).stdout).toContain(one);
    expect((await models('list', '--registry', folder)).stdout).toContain(one);
    expect((await models('list')).stdout).not.toContain(one);
  });
});

describe('rookery models gc', () => {
  it('removes old versions that nothing refers to, and says which', async () => {
    const { folder, models } = await aMachine();
    const registry = openRegistry({ folder, builtIn: [] });
    const { version } = await registry.publish('birds', anotherDraft());
    await registry.alias('birds', 'production', (await registry.resolve('birds:first')).manifest.version);
    expect((await models('gc')).stdout).toBe('0 versions, 0 B\n');
    const line = (what: string) =>
      new RegExp(`^${what} birds@${version}  125 B, added \\d{4}-\\d\\d-\\d\\d\n1 version, 125 B\n$`);
    expect((await models('gc', '--older-than', '0s', '--dry-run')).stdout).toMatch(line('would remove'));
    expect((await models('gc', '--older-than', '0s')).stdout).toMatch(line('removed'));
    expect((await registry.list())[0]?.versions).toHaveLength(2);
    expect(await models('gc', '--older-than', 'long')).toMatchObject({ code: 2 });
  });

  it('keeps what a job names that is not done yet, and says for which', async () => {
    const { cwd, folder, models } = await aMachine();
    const { version } = await openRegistry({ folder, builtIn: [] }).publish('birds', anotherDraft());
    await models('alias', 'birds:first', 'production');
    const ledger = new JobLedger(new FsStore(join(cwd, 'fleet'), { sync: false }));
    for (const id of ['one', 'two'])
      await ledger.create(aJob({ id, pin: { ...aPin, model: { name: 'birds', version, variant: 'fp32' } } }));
    await ledger.cancel('two');
    const gc = ['gc', '--older-than', '0s'];
    expect((await models(...gc, '--store', 'fleet')).stdout).toBe(
      `kept birds@${version}  for job one\n0 versions, 0 B\n`,
    );
    expect(await models(...gc, '--store', 'nowhere')).toMatchObject({ code: 1 });
    await ledger.cancel('one');
    expect((await models(...gc, '--store', 'fleet')).stdout).toContain(`removed birds@${version}`);
  });
});

describe('rookery models promote', () => {
  it('promotes nothing that does not verify', async () => {
    const { folder, models, one } = await aMachine();
    await writeFile(join(folder, 'birds', one, 'labels.txt'), 'ant\n');
    const { code, stderr } = await models('promote', 'birds:first');
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining('labels.txt') });
    expect(await openRegistry({ folder, builtIn: [] }).readAlias('birds', 'production')).toBeUndefined();
  });
});

describe('rookery models push and pull', () => {
  it('ask where to where nothing says so', async () => {
    const { models } = await aMachine();
    for (const command of ['push', 'pull'])
      expect(await models(command, 'birds')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--registry (or ROOKERY_REGISTRY) is missing'),
      });
  });
});

describe('--require-signed', () => {
  it('loads nothing that is not signed, be it registered or a file', async () => {
    const { cwd, folder, models } = await aMachine();
    await models('keygen', 'key.pem');
    expect(await models('keygen', 'key.pem')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is there already'),
    });
    const env = { ROOKERY_MODELS: folder, ROOKERY_REQUIRE_SIGNED: 'key.pem.pub' };
    for (const model of ['birds:first', 'model.onnx'])
      expect(await runCommand(['classify', 'a.jpg', '--model', model], { cwd, env })).toMatchObject({
        stderr: expect.stringContaining('SIGNATURE_INVALID'),
      });
    const wrong = { ...env, ROOKERY_REQUIRE_SIGNED: 'nothing.pem' };
    expect(await runCommand(['classify', 'a.jpg', '--model', 'birds:first'], { cwd, env: wrong })).toMatchObject({
      code: 2,
    });
  });
});
