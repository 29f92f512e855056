/**
 * Sources as they come in, one a line; empty lines are left out. Where NUL ends the first name (`find -print0`) it ends all of them, and
 * they are taken as they are. A name is handed on as soon as it has ended. NULs that come after a line are reported to `notice`, once.
 */
export async function* linesOf(input: NodeJS.ReadableStream, notice: (text: string) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let separator: RegExp | undefined;
  let rest = '';
  let told = false;
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const hasNul = text.includes('\0');
    separator ??= hasNul ? nul : lineEnd.test(text) ? lineEnd : undefined;
    if (hasNul && separator === lineEnd && !told) {
      told = true;
      notice('stdin: NUL in a list that began with a line: it is read by lines, in which names with NUL are not found');
    }
    rest += text;
    if (!separator) continue;
    const names = rest.split(separator);
    rest = names.pop() ?? '';
    for (const name of names) yield* oneOf(name, separator);
  }
  yield* oneOf(rest + decoder.decode(), separator);
}

const lineEnd = /[\r\n]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what names are separated by.
const nul = /\u0000/;

function* oneOf(text: string, separator: RegExp | undefined): Generator<string> {
  const name = separator === nul ? text : text.trim();
  if (name !== '') yield name;
}
