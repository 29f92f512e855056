import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Something that stands in a document, and where. */
export interface Written {
  readonly where: string;
  readonly text: string;
}

export interface Document {
  /** From the root of the repository, with slashes. */
  readonly file: string;
  readonly text: string;
}

const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => join('packages', name));
const folders = ['.', 'docs', 'infra', ...packages];

/** Every document of the repository. */
export const documents: readonly Document[] = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder === 'docs', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .map((path) => ({ file: path.replaceAll(sep, '/'), text: readFileSync(join(root, path), 'utf8') })),
);

const fence = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```$/gm;
const line = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** Lines that somebody would type into a shell, continued ones as one. Of `console` blocks those after the prompt. */
export function* shellLines({ file, text }: Document): Generator<Written> {
  for (const match of text.matchAll(fence)) {
    const [, , language = '', body = ''] = match;
    if (!['', 'sh', 'console', 'text'].includes(language)) continue;
    const all = body.replaceAll(/\\\n\s*/g, ' ').split('\n');
    const typed = language === 'sh' ? all : all.filter((each) => each.startsWith('$ ')).map((each) => each.slice(2));
    for (const each of typed) yield { where: `${file}:${line(text, match.index)}`, text: each };
  }
}

/** What stands between backticks in running text. */
export function* codeSpans({ file, text }: Document): Generator<Written> {
  const running = text.replaceAll(fence, (block) => block.replaceAll(/[^\n]/g, ''));
  for (const match of running.matchAll(/`([^`\n]+)`/g))
    yield { where: `${file}:${line(running, match.index)}`, text: match[1] ?? '' };
}

/** Where links lead that stay inside the repository. */
export function* links({ file, text }: Document): Generator<Written> {
  const running = text.replaceAll(fence, (block) => block.replaceAll(/[^\n]/g, ''));
  for (const match of running.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [, target = ''] = match;
    if (!/^[a-z]+:/.test(target)) yield { where: `${file}:${line(running, match.index)}`, text: target };
  }
}

/** The anchors that headings make, as the places that show documents derive them. */
export const anchors = (text: string): Set<string> =>
  new Set(
    [...text.replaceAll(fence, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
