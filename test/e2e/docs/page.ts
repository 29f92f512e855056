import { readFile } from 'node:fs/promises';

/** A block of shell that a page shows, and what it says that comes out. */
export interface ShellBlock {
  readonly line: number;
  readonly text: string;
  /** With `...` for whatever stands there; `undefined` where the page says nothing. */
  readonly output: string | undefined;
}

export interface Page {
  readonly needs: readonly string[];
  readonly blocks: readonly ShellBlock[];
}

/** The `sh` blocks of a page in their order; a `text` block that follows one with nothing between is its output. */
export async function readPage(file: URL): Promise<Page> {
  const text = await readFile(file, 'utf8');
  const [, needs = ''] = /^---\n[\s\S]*?^needs: \[(.*)\]$[\s\S]*?^---$/m.exec(text) ?? [];
  const pattern = /^```sh\n([\s\S]*?)^```$(?:\n\n```text\n([\s\S]*?)^```$)?/gm;
  const blocks = [...text.matchAll(pattern)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    text: match[1] ?? '',
    output: match[2],
  }));
  return { needs: needs.split(',').flatMap((name) => name.trim() || []), blocks };
}

/** Whether it is what the page says, line by line; `...` stands for anything within a line. */
export function matches(output: string, expected: string): boolean {
  const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const lines = expected.trimEnd().split('\n');
  const pattern = lines.map((line) => line.split('...').map(escaped).join('.*')).join('\\n');
  return new RegExp(`^${pattern}\\n*$`).test(output);
}
