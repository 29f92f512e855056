/** The fields of one CSV record (RFC 4180): quoted or not, `""` for a quote. */
export function csvFields(record: string): string[] {
  if (!record.includes('"')) return record.split(',');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (record[at] === '"') {
      for (;;) {
        const close = record.indexOf('"', at + 1);
        if (close < 0) {
          field += record.slice(at + 1);
          at = record.length;
          break;
        }
        field += record.slice(at + 1, close);
        at = close + 1;
        if (record[at] !== '"') break;
        field += '"';
      }
    }
    const comma = record.indexOf(',', at);
    field += record.slice(at, comma < 0 ? record.length : comma);
    fields.push(field);
    if (comma < 0) return fields;
    at = comma + 1;
  }
}
