/** Text that is HTML already. */
export interface Html {
  readonly text: string;
}

type Part = string | Html | readonly (string | Html)[];

/** Text is escaped, HTML is not. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  text: strings.reduce((sum, text, at) => sum + text + (at < parts.length ? written(parts[at] ?? '') : ''), ''),
});

/** Only for text that is written here. */
export const raw = (text: string): Html => ({ text });

const written = (part: Part): string =>
  typeof part === 'string' ? escaped(part) : 'text' in part ? part.text : part.map(written).join('');

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
