import { RookeryError, type UploadRequest } from '@rookery/contracts';
import type { JobLimits } from '../jobs/job-limits.ts';

/** Where the pictures of an upload lie in their bucket. */
export const uploadPrefix = (upload: string): string => `uploads/${upload}/`;

/** With the prefix a key must fit into the 1,024 bytes of S3, and each part on a file system. */
const maxNameBytes = 900;
const maxPartBytes = 240;
const controls = /[\p{Cc}\p{Surrogate}\\]/u;

/** @throws {RookeryError} REQUEST_INVALID, KEY_INVALID, REQUEST_TOO_LARGE, naming the member */
export function checkUpload(
  files: UploadRequest['files'],
  limits: Pick<JobLimits, 'pictureBytes' | 'uploadBytes'>,
): void {
  const names = new Set<string>();
  let bytes = 0;
  for (const [at, { name, sizeBytes, type }] of files.entries()) {
    const where = `body.files.${at}`;
    checkName(name, `${where}.name`);
    if (names.has(name))
      throw new RookeryError('REQUEST_INVALID', {
        detail: `${where}.name: ${JSON.stringify(name)} stands there twice`,
      });
    names.add(name);
    if (sizeBytes > limits.pictureBytes)
      throw new RookeryError('REQUEST_TOO_LARGE', { detail: `${where}.sizeBytes: at most ${limits.pictureBytes}` });
    bytes += sizeBytes;
    // Whoever may read the bucket gets it with this type: it must be no page.
    if (type !== undefined && !/^(image\/[a-z0-9.+-]{1,80}|application\/octet-stream)$/.test(type))
      throw new RookeryError('REQUEST_INVALID', { detail: `${where}.type: a picture's, such as image/jpeg` });
  }
  if (bytes > limits.uploadBytes)
    throw new RookeryError('REQUEST_TOO_LARGE', { detail: `${bytes} bytes in all, at most ${limits.uploadBytes}` });
}

function checkName(name: string, where: string): void {
  const parts = name.split('/');
  const bad = parts.some(
    (part) =>
      part === '' ||
      part === '.' ||
      part === '..' ||
      part.startsWith('.rookery') ||
      Buffer.byteLength(part) > maxPartBytes,
  );
  if (bad || controls.test(name) || Buffer.byteLength(name) > maxNameBytes)
    throw new RookeryError('KEY_INVALID', { detail: `${where}: a file name or a relative path` });
}
