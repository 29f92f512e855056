import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Command, CommanderError } from 'commander';
import { parse } from 'shell-quote';
import { expect, it } from 'vitest';
import { createContext } from '../src/context.ts';
import { createProgram } from '../src/run.ts';
import { anchors, codeSpans, documents, links, root, shellLines, type Written } from './documents.ts';

const reference = (name: string) => documents.find(({ file }) => file === `docs/reference/${name}`)?.text ?? '';

/** The command lines of `rookery` in a line of a shell: without what is piped, redirected or set around them. */
function commandsIn(text: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  for (const token of [...parse(text.replaceAll(/\s\d>/g, ' >'), (name) => `$${name}`), { op: ';' as const }]) {
    if (typeof token === 'string') words.push(token);
    else if ('pattern' in token) words.push(token.pattern);
    else {
      commands.push(words);
      words = [];
    }
  }
  return commands.flatMap((each) => {
    const at = each.findIndex((word) => !/^[A-Z_]+=/.test(word));
    const rest = each[at] === 'pnpm' ? each.slice(at + 1) : each.slice(at);
    return rest[0] === 'rookery' ? [rest.slice(1).filter((word) => word !== '...' && word !== '…')] : [];
  });
}

/** What the command line would answer; nothing is run. */
async function refusalOf(argv: readonly string[]): Promise<string | undefined> {
  const stdio = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const context = createContext({ ...stdio, env: {}, cwd: root, signal: new AbortController().signal });
  const program = await createProgram(argv, context);
  const disarm = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => {});
    command.commands.forEach(disarm);
  };
  disarm(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : `${error.code}: ${error.message}`;
  }
}

it('every command line in a document is one that is taken', async () => {
  const wrong: string[] = [];
  const look = async (argv: readonly string[], { where, text }: Written, mayLack: boolean) => {
    const refusal = await refusalOf(argv);
    if (refusal && !(mayLack && /missing|commander.help/i.test(refusal))) wrong.push(`${where}: ${text}: ${refusal}`);
  };
  for (const document of documents) {
    for (const typed of shellLines(document)) for (const argv of commandsIn(typed.text)) await look(argv, typed, false);
    for (const span of codeSpans(document)) {
      if (!/^rookery [^|[\]<>{}]+$/.test(span.text)) continue;
      for (const argv of commandsIn(span.text)) await look(argv, span, true);
    }
  }
  expect(wrong).toEqual([]);
});

it('every link inside the repository leads somewhere', () => {
  const wrong: string[] = [];
  for (const document of documents)
    for (const { where, text } of links(document)) {
      const [path = '', anchor] = text.split('#');
      const target = path === '' ? document.file : posix.join(posix.dirname(document.file), path);
      if (!existsSync(join(root, target))) wrong.push(`${where}: ${text} is not there`);
      else if (
        anchor &&
        statSync(join(root, target)).isFile() &&
        !anchors(readFileSync(join(root, target), 'utf8')).has(anchor)
      )
        wrong.push(`${where}: ${text} has no such heading`);
    }
  expect(wrong).toEqual([]);
});

/** Variables that others read: Node, the engines, the build of images and of stacks. */
const ofOthers = ['UV_THREADPOOL_SIZE', 'ORT_TENSORRT_CACHE_PATH', 'SOURCE_DATE_EPOCH', 'ROOKERY_DEPLOY'];

it('every error code and setting that a document names exists', () => {
  const pages = `${reference('errors.md')}${reference('configuration.md')}`;
  const known = new Set([...ofOthers, ...[...pages.matchAll(/`([A-Z]+(?:_[A-Z\d]+)+)`/g)].map(([, name]) => name)]);
  const unknown = documents.flatMap((document) =>
    [...codeSpans(document)].filter(({ text }) => /^[A-Z]+(_[A-Z\d]+)+$/.test(text) && !known.has(text)),
  );
  expect(unknown.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
});

it('every metric and call that a document names exists', () => {
  const metrics = reference('metrics.md');
  const calls = reference('api.md');
  const exists = (text: string): boolean => {
    const [metric] = /^rookery_[a-z_]+/.exec(text) ?? [];
    if (metric) return metrics.includes(`\`${metric.replace(/_(bucket|sum|count)$/, '')}\``);
    const [, call] = /^((?:GET|POST|PUT|DELETE) \/v1\/[^?\s]*)/.exec(text) ?? [];
    return !call || calls.includes(`\`${call}\``);
  };
  const unknown = documents.flatMap((document) => [...codeSpans(document)].filter(({ text }) => !exists(text)));
  expect(unknown.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
});
