/** The lines of a version's own labels file: UTF-8, LF. */
export function splitLabels(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
