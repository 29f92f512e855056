import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commands } from '../src/commands/index.ts';
import { createContext } from '../src/context.ts';
import { createProgram } from '../src/run.ts';
import { version } from '../src/version.ts';
import { aFolder, runCommand } from './a-host.ts';

const commandsBelow = ({ commands }: Command): Command[] =>
  commands.filter((each) => each.name() !== 'help').flatMap((each) => [each, ...commandsBelow(each)]);

describe('the command line', () => {
  it('shows every command in its help', async () => {
    const { code, stdout } = await runCommand(['--help']);
    expect(code).toBe(0);
    for (const [name, summary] of commands) {
      expect(stdout).toContain(name);
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
    }
  });

  it.each(commands.map(([name]) => name))('shows an example in the help of %s', async (name) => {
    const { code, stdout } = await runCommand([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n(.*\\n)*.*\\$ .*rookery ${name}`));
  });

  it('says of every command, on 80 columns, what it is for and how it is used', async () => {
    const stdio = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const { signal } = new AbortController();
    const context = createContext({ ...stdio, env: {}, cwd: '/', signal });
    const all = commandsBelow(await createProgram(['--', ...commands.map(([name]) => name)], context));
    expect(all.length).toBeGreaterThan(60);
    for (const command of all) {
      let text = '';
      command.configureHelp({ ...command.configureHelp(), helpWidth: 80 });
      const writeOut = (more: string): void => {
        text += more;
      };
      command.configureOutput({ writeOut, getOutHelpWidth: () => 80 });
      command.outputHelp();
      expect(text).toMatch(/^Usage: rookery .*\n\n[A-Z]/);
      expect(text).toMatch(/\nExamples?:\n {2}\$ /);
      // What is typed may be longer; everything else was written for a terminal.
      expect(text.split('\n').filter((line) => line.length > 80 && !line.startsWith('  $ '))).toEqual([]);
    }
    await context[Symbol.asyncDispose]();
  });

  it('suggests the option that was meant, and exits 2', async () => {
    const { code, stdout, stderr } = await runCommand(['classify', 'x.jpg', '--formt', 'json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe("error USAGE: unknown option '--formt'\n  hint: Did you mean --format?\n");
  });

  it.each([
    ['classify', 'x.jpg', '--explain', ''],
    ['classify', 'x.jpg', '--output', ''],
    ['classify', 'x.jpg', '--annotate='],
    ['classify', 'x.jpg', '--labels', ''],
    ['classify', 'x.jpg', ''],
    ['--log-file', '', 'config'],
    ['optimize', 'fp16', 'content', '--report', ''],
    ['models', 'export', 'content', '--to', 'onnx', '--output', ''],
    ['models', 'add', '', '--name', 'birds'],
    ['simulate', '--plot', ''],
    ['up', ''],
  ])('takes nothing for the name of a file or folder where it is empty: %s %s %s %s', async (...argv) => {
    const { code, stdout, stderr } = await runCommand(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error USAGE: [a-z-]+: got "", allowed: a name that is not empty\n$/);
  });

  it('leaves other texts empty where they are', async () => {
    const { code } = await runCommand(['enqueue', aFolder(), '--note', '']);
    expect(code).toBe(0);
  });

  it('shows no password of an address, nor its signature, also where it tells more', async () => {
    const address = 'https://ann:hunter2@127.0.0.1:1/owl.jpg?X-Amz-Signature=0a1b2c3d';
    for (const more of [[], ['--verbose']]) {
      const { code, stdout, stderr } = await runCommand(['models', 'pull', address, ...more]);
      expect(code).not.toBe(0);
      expect(`${stdout}${stderr}`).toContain('[redacted]');
      expect(`${stdout}${stderr}`).not.toMatch(/hunter2|0a1b2c3d/);
    }
  });

  it('suggests the command that was meant, and exits 2', async () => {
    const { code, stderr } = await runCommand(['clasify', 'x.jpg']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean classify?');
  });

  it('says which values an option takes', async () => {
    const { code, stderr } = await runCommand(['classify', 'x.jpg', '--format', 'xml']);
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are table, json, jsonl, csv');
  });

  it('asks for what is missing', async () => {
    const { code, stderr } = await runCommand(['classify']);
    expect(code).toBe(2);
    expect(stderr).toContain("missing required argument 'source'");
  });

  it.each(['jobs', 'models', 'keys', 'bench'])(
    'shows the help of %s where none of its commands is named',
    async (name) => {
      const { code, stdout, stderr } = await runCommand([name]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^Usage: rookery ${name} `));
      expect(stderr).not.toMatch(/^error/m);
    },
  );

  it('knows no help of what it does not know', async () => {
    expect(await runCommand(['help', 'nonsense'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "error USAGE: unknown command 'nonsense'\n  hint: add --help to see how the command is used\n",
    });
    expect(await runCommand(['help', 'cost'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--prices') });
  });

  it.each([
    [['simulate', '--plot', 'no/where.svg'], 'where.svg: there is no such file or folder'],
    [['cost', '--prices', 'nowhere.json'], 'nowhere.json: there is no such file or folder'],
    [['cost', '--prices', '.'], '--prices .: this is a folder'],
    [['cost', '--prices', `${'x'.repeat(300)}.json`], 'this name is too long'],
    [['keys', 'create', 'page', '--keys', '/dev/null/keys.json'], '/dev/null: this is there already'],
    [['serve', '--port', '0', '--store', '/dev/null'], '--store /dev/null: this is no folder'],
    [['up', '/dev/null'], 'up /dev/null: this is no folder'],
    [['classify', 'x.jpg', '--annotate', '/dev/null'], '--annotate /dev/null: this is no folder'],
    [['classify', 'x.jpg', '--save-labels', '/dev/null/x'], '--save-labels /dev/null: this is no folder'],
    [['classify', 'x.jpg', '--output', 'no/where.json'], 'no/where.json: there is no such file or folder'],
  ])('%j is told what is wrong with the path, not of a bug', async (argv, said) => {
    const { code, stderr } = await runCommand(argv);
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/^error USAGE: /);
    expect(code).toBe(2);
  });

  it.skipIf(process.platform !== 'linux')('a store that cannot be made ends the command at once', async () => {
    const { code, stderr } = await runCommand(['enqueue', '.', '--no-feed', '--store', '/proc/x']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(
        'error STORE_DENIED: the store refused access: /proc/x: no folder can be made here\n',
      ),
    });
  });

  it.each([
    [['enqueue', '.', '--no-feed'], 'STORE_NOT_FOUND'],
    [['jobs', 'list'], 'STORE_NOT_FOUND'],
  ])('%j says of a file that it is no store', async (argv, said) => {
    const { code, stderr } = await runCommand([...argv, '--store', '/dev/null']);
    expect(stderr).toContain(`error ${said}: there is no such bucket or folder: /dev/null: this is no folder\n`);
    expect(code).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')(
    'a folder that cannot be made in one that is there is said, too',
    async () => {
      const { code, stderr } = await runCommand(['classify', 'x.jpg', '--explain', '/proc/x/y']);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: 'error USAGE: --explain /proc/x: no folder can be made here\n',
      });
    },
  );

  it('does not end well where its results cannot be written, but does where nobody reads on', async () => {
    for (const [stdoutTrouble, said] of [
      ['ENOSPC', 'error STORE_FULL: the store has no room left: standard output\n'],
      ['EIO', 'error STORE_UNAVAILABLE: the store does not answer: standard output: EIO: write\n'],
    ] as const) {
      const { code, stderr } = await runCommand(['config'], { stdoutTrouble });
      expect(code).toBe(1);
      expect(stderr.slice(0, said.length)).toBe(said);
      expect(stderr.match(/^error/gm)).toHaveLength(1);
    }
    expect(await runCommand(['config'], { stdoutTrouble: 'EPIPE' })).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints the version of its package', async () => {
    const { version: packaged } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(version).toBe(packaged);
    expect((await runCommand(['--version'])).stdout).toBe(`${version}\n`);
  });

  it('colours errors on a terminal only, and not with NO_COLOR or --no-color', async () => {
    const escapeCode = '\u001b[';
    expect((await runCommand(['nonsense'], { isTTY: true })).stderr).toContain(escapeCode);
    expect((await runCommand(['nonsense'])).stderr).not.toContain(escapeCode);
    expect((await runCommand(['nonsense'], { isTTY: true, env: { NO_COLOR: '1' } })).stderr).not.toContain(escapeCode);
    expect((await runCommand(['config', '--no-color'], { isTTY: true })).stdout).not.toContain(escapeCode);
  });

  it('exits 3 where there is no such model', async () => {
    const { code, stderr } = await runCommand(['classify', 'x.jpg', '--model', 'no-such-model']);
    expect(code).toBe(3);
    expect(stderr).toContain('error MODEL_NOT_FOUND');
    expect(stderr).toContain('rookery models list');
  });
});
