/** A multipart body, written by hand so that tests can write wrong ones too. */
export interface Form {
  readonly payload: Buffer;
  readonly headers: { readonly 'content-type': string };
}

export type FormPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly filename: string; readonly bytes: Uint8Array };

export function formOf(parts: readonly FormPart[], boundary = 'of-a-test'): Form {
  const pieces = parts.flatMap((part) => {
    const file = 'bytes' in part;
    const disposition = `form-data; name="${part.name}"${file ? `; filename="${part.filename}"` : ''}`;
    const head = `--${boundary}\r\ncontent-disposition: ${disposition}\r\n${file ? 'content-type: image/jpeg\r\n' : ''}\r\n`;
    return [Buffer.from(head), Buffer.from(file ? part.bytes : part.value), Buffer.from('\r\n')];
  });
  return {
    payload: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}
