/** What servers send where they do not know: the bytes decide. */
const unknownTypes = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-download',
  'application/force-download',
]);

/** Whether an answer of this type may hold a picture. */
export function mayBePicture(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('image/') || unknownTypes.has(type);
}

/** Whether the bytes are a page or another text of mark-up, whatever the server calls them. */
export function isMarkup(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 512)).toString('latin1');
  return /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|body|script|\?xml|error|title|meta)/i.test(start);
}
