/** Colour codes of the levels, as terminals know them. */
const colourOf: Readonly<Record<string, number>> = { trace: 90, debug: 36, info: 32, warn: 33, error: 31, fatal: 35 };

/** For people the line begins with these; they are not repeated among the fields. */
const said = new Set(['time', 'level', 'service', 'msg', 'err']);

/**
 * A line of JSON as a person reads it: `22:14:05.120 WARN  lease lost task=7`, with `date` the day before it, an error's stack below it. Text
 * that is not one of our lines stays as it is.
 */
export function prettyLine(line: string, colour: boolean, { date = false } = {}): string {
  const entry = parse(line);
  if (!entry) return line;
  const level = String(entry.level ?? 'info');
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const fields = Object.entries(entry)
    .filter(([name]) => !said.has(name))
    .map(([name, value]) =>
      paint(90, printable(`${name}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`)),
    );
  const head = [
    paint(90, localTime(entry.time, date)),
    paint(colourOf[level] ?? 0, level.toUpperCase().padEnd(5)),
    printable(String(entry.msg ?? '')),
    ...fields,
  ];
  return `${head.filter((part) => part !== '').join(' ')}\n${errorLines(entry.err)}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Hours to milliseconds, here. */
function localTime(time: unknown, withDate: boolean): string {
  const date = new Date(String(time));
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${withDate ? `${day} ` : ''}${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function errorLines(err: unknown): string {
  if (err === null || typeof err !== 'object') return err === undefined ? '' : `  ${printable(String(err))}\n`;
  const { stack, message, code } = err as { stack?: unknown; message?: unknown; code?: unknown };
  const text = String(stack ?? message ?? JSON.stringify(err));
  const withCode = typeof code === 'string' && !text.includes(code) ? `${code} ${text}` : text;
  return withCode
    .split('\n')
    .map((each) => `  ${printable(each)}\n`)
    .join('');
}

const quoted = (text: string): string => (/^[\w./:@+,-]+$/.test(text) ? text : JSON.stringify(text));

/** Names of pictures are other people's: their escape sequences are not for this terminal. */
const printable = (text: string): string =>
  text.replace(unprintable, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
