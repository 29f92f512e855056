/** A line of CSV by RFC 4180, with its LF. */
export const csvRow = (cells: readonly (string | number)[]): string => `${cells.map(quoted).join(',')}\n`;

const quoted = (cell: string | number): string => {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
