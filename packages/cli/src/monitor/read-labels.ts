import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RookeryError, type TrueLabel } from '@rookery/contracts';

/** `KEY=LABEL`; the key ends at the first `=`. @throws {RookeryError} USAGE */
export function parseLabels(text: string): TrueLabel[] {
  const at = text.indexOf('=');
  const [key, label] = [text.slice(0, at), text.slice(at + 1)];
  if (key === '' || label === '') throw new RookeryError('USAGE', { detail: `"${text}" is not KEY=LABEL` });
  return [{ key, label }];
}

/** A file of JSON lines or CSV. @throws {RookeryError} SOURCE_UNREADABLE, USAGE with the line's number */
export async function readLabels(file: string, cwd: string): Promise<TrueLabel[]> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new RookeryError('SOURCE_UNREADABLE', {
      detail: `${file}: neither KEY=LABEL nor a file that can be read`,
      cause,
      retryable: false,
    });
  }
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, at) => {
      if (line.trim() === '' || (at === 0 && /^"?key"?,"?label"?/i.test(line))) return [];
      const label = line.trimStart().startsWith('{') ? ofJson(line) : ofCsv(line);
      if (label) return [label];
      throw new RookeryError('USAGE', {
        detail: `${file}, line ${at + 1}: neither {"key": ..., "label": ...} nor key,label`,
      });
    });
}

/** Other fields are left out, so that a corrected result line can be given as it is. */
function ofJson(line: string): TrueLabel | undefined {
  try {
    const { key, label, etag } = JSON.parse(line) as Record<string, unknown>;
    if (typeof key !== 'string' || typeof label !== 'string') return undefined;
    return { key, label, ...(typeof etag === 'string' && { etag }) };
  } catch {
    return undefined;
  }
}

/** Two fields, quoted where they hold a comma or a quote (RFC 4180); a field with a line break has to be JSON. */
function ofCsv(line: string): TrueLabel | undefined {
  const [, first, , second] = /^("(?:[^"]|"")*"|[^",]*)(,)("(?:[^"]|"")*"|[^",]*)$/.exec(line) ?? [];
  const [key, label] = [plain(first), plain(second)];
  return key && label ? { key, label } : undefined;
}

const plain = (field: string | undefined): string | undefined =>
  field?.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field?.trim();
