import type { UploadPicture } from '@rookery/client';

const storageKey = 'rookery-upload';
/** Stores keep uploads without a job only for a while. */
const rememberedForMs = 20 * 3600 * 1000;

interface Remembered {
  pictures: string;
  upload: string;
  at: number;
}

/** The upload of the same pictures that was interrupted when the page was closed or the connection lost. */
export function rememberedUpload(pictures: readonly UploadPicture[]): string | undefined {
  try {
    const { pictures: known, upload, at } = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Remembered>;
    const fresh = at !== undefined && Date.now() - at < rememberedForMs;
    return fresh && known === fingerprint(pictures) ? upload : undefined;
  } catch {
    return undefined;
  }
}

export function rememberUpload(pictures: readonly UploadPicture[], upload: string): void {
  const remembered: Remembered = { pictures: fingerprint(pictures), upload, at: Date.now() };
  try {
    localStorage.setItem(storageKey, JSON.stringify(remembered));
  } catch {
    // In a browser that stores nothing, an upload can be continued until the page is left.
  }
}

export const forgetUpload = (): void => localStorage.removeItem(storageKey);

/** Names and sizes, whatever their order (FNV-1a, 32 bits, with the count): good enough to recognise one's own pictures. */
function fingerprint(pictures: readonly UploadPicture[]): string {
  const lines = pictures.map(({ name, blob }) => `${name}\n${blob.size}`).sort();
  let hash = 0x811c9dc5;
  for (const character of lines.join('\n')) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return `${pictures.length}-${(hash >>> 0).toString(16)}`;
}
