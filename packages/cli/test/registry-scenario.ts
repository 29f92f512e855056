import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistry } from '@rookery/models';
import { expect } from 'vitest';
import { anotherDraft } from '../../models/test/a-draft.ts';
import { aFolder, type Ran, runCommand } from './a-host.ts';

/** Two versions of `birds` in the folder of a machine, and its command line. */
export async function aMachine(env: Record<string, string> = {}) {
  const cwd = aFolder();
  const folder = join(cwd, 'models');
  const registry = openRegistry({ folder, builtIn: [] });
  const versions: string[] = [];
  for (const alias of ['first', 'second'])
    versions.push((await registry.publish('birds', anotherDraft(), { alias })).version);
  const [one = '', two = ''] = versions;
  const models = (...argv: string[]): Promise<Ran> =>
    runCommand(['models', ...argv], {
      cwd,
      env: { ROOKERY_MODELS: folder, ROOKERY_CACHE: join(cwd, 'cache'), USER: 'ann', ...env },
    });
  return { cwd, folder, one, two, models };
}

type Machine = Awaited<ReturnType<typeof aMachine>>;

/** What publishers and operators do with a registry that several machines share, wherever it is. */
export async function registerPromoteRollBack(publisher: Machine, operator: Machine, place: string): Promise<void> {
  const { one, two } = publisher;
  const printed = async (ran: Promise<Ran>) => {
    const { code, stdout, stderr } = await ran;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  expect(await printed(publisher.models('push', `birds@${one}`, '--alias', 'production'))).toBe(
    `copied birds@${one} to ${place}\nbirds:production is now birds@${one}\n`,
  );
  expect(await printed(publisher.models('push', 'birds:second', '--alias', 'candidate'))).toContain(
    `copied birds@${two}`,
  );
  expect(await printed(publisher.models('push', 'birds:second'))).toBe(`already there: birds@${two} in ${place}\n`);

  expect(await printed(operator.models('list'))).toMatch(
    new RegExp(`birds +${two} +candidate .*\\nbirds +${one} +production`),
  );
  expect(await printed(operator.models('diff', 'birds:production', 'birds:candidate'))).toMatch(
    /^files {2}model\.fp32\.onnx\n {2}- 100 B {2}sha256:[0-9a-f]{64}\n {2}\+ 100 B/m,
  );
  expect(await printed(operator.models('promote', 'birds:candidate', '--expect', one, '--reason', 'more robins'))).toBe(
    `birds:production is now birds@${two}, which was birds@${one}\n`,
  );
  expect(await operator.models('promote', `birds@${one}`, '--expect', one)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ALIAS_CONFLICT'),
  });
  expect(await printed(operator.models('rollback', 'birds', '--by', 'bob', '--reason', 'fewer owls'))).toBe(
    `birds:production is now birds@${one}, which was birds@${two}\n`,
  );

  expect(await printed(operator.models('history', 'birds'))).toMatch(
    new RegExp(
      [
        `^WHEN +WHAT +FROM +TO +BY +REASON`,
        `[-\\dT:]+Z +moved +none +${one} +ann *`,
        `[-\\dT:]+Z +moved +${one} +${two} +ann +more robins`,
        `[-\\dT:]+Z +rolled-back +${two} +${one} +bob +fewer owls\n$`,
      ].join('\n'),
    ),
  );
  expect(await publisher.models('push', `birds@${two}`, '--alias', 'production', '--expect', two)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ALIAS_CONFLICT'),
  });

  await printed(publisher.models('keygen', 'release.pem'));
  const key = readFileSync(join(publisher.cwd, 'release.pem.pub'), 'utf8');
  writeFileSync(join(operator.cwd, 'trusted.pem'), key);
  const promote = ['promote', `birds@${two}`, '--require-signed', 'trusted.pem'];
  expect(await operator.models(...promote)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('SIGNATURE_INVALID'),
  });
  expect(await printed(publisher.models('sign', `birds@${two}`, '--key', 'release.pem'))).toMatch(
    new RegExp(`^birds@${two} is signed with key [0-9a-f]{16}\n$`),
  );
  expect(await printed(operator.models(...promote))).toContain(`birds:production is now birds@${two}`);
  expect(await printed(operator.models('show', 'birds'))).toMatch(/^signed with +[0-9a-f]{16}$/m);

  expect(await printed(operator.models('pull', `birds@${two}`, '--alias', 'mine'))).toMatch(
    new RegExp(`^copied birds@${two} to .*\nbirds:mine is now birds@${two}\n$`),
  );
  const here = openRegistry({ folder: operator.folder, builtIn: [] });
  expect((await here.load('birds:mine')).labels).toEqual(['ant', 'bee', 'cat']);
  expect(await here.signatures('birds:mine')).toHaveLength(1);

  // Production went back from `two` to `one` and on to `two`: both are referred to until the candidate and the past go.
  expect(await printed(operator.models('verify', 'birds'))).toMatch(/^ok/);
  expect(await printed(operator.models('gc', '--older-than', '0s', '--dry-run'))).toBe('0 versions, 0 B\n');
  expect(await printed(operator.models('remove', `birds@${two}`, '--force'))).toContain(
    'and birds:candidate, birds:production',
  );
  expect(await printed(operator.models('alias', `birds@${one}`, 'production'))).toContain(`is now birds@${one}`);
}
