export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows as aligned text, one line each, titles first. Cells may hold colour codes: they take no width. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => visibleWidth(line[index] ?? ''))));
  return lines.map((line) => renderLine(line, columns, widths)).join('');
}

function renderLine(line: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  const cells = columns.map(({ align }, index) => {
    const cell = line[index] ?? '';
    const room = ' '.repeat(Math.max(0, (widths[index] ?? 0) - visibleWidth(cell)));
    return align === 'right' ? room + cell : cell + room;
  });
  return `${cells.join('  ').trimEnd()}\n`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour code.
const colourCodes = /\u001b\[\d+m/g;

/** Columns on a terminal: combining marks none, East Asian wide characters and emoji two. */
export function visibleWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(colourCodes, '')) {
    if (/\p{M}|\u200d|[\ufe00-\ufe0f]/u.test(character)) continue;
    width += /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u.test(
      character,
    )
      ? 2
      : 1;
  }
  return width;
}
