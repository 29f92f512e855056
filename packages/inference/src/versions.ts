import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { turboJpeg } from './decode/jpeg/turbo-jpeg.ts';

const require = createRequire(import.meta.url);

const versionIn = (path: string): string => {
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
  throw new Error(`no version in ${path}`);
};

/** ONNX Runtime's version, read from its package: nothing is loaded. */
export const engineVersion = (): string => versionIn(require.resolve('onnxruntime-node/package.json'));

/** What decodes and resizes, as pins name it: `libvips 8.18.7, sharp 0.35.5`. */
export const decoderName = (versions: { readonly vips: string; readonly sharp: string }): string =>
  `libvips ${versions.vips}, sharp ${versions.sharp}`;

/** What decodes fast: JPEGs that libjpeg-turbo shrinks by itself are other pixels than libvips makes of them. */
export const fastDecoderVersion = (): string => `${decoderVersion()}${turboJpeg() ? ', libjpeg-turbo' : ''}`;

let decoder: string | undefined;

/**
 * The name of the decoder that a thread of ours would load. Read from the packages where libvips comes prebuilt; where it is the
 * system's own, sharp is loaded and asked.
 */
export function decoderVersion(): string {
  decoder ??= readDecoderVersion();
  return decoder;
}

function readDecoderVersion(): string {
  const main = require.resolve('sharp');
  const fromSharp = createRequire(main);
  const sharp = versionIn(fromSharp.resolve('../package.json'));
  const libc = fromSharp('detect-libc') as { isNonGlibcLinuxSync(): boolean; familySync(): string | null };
  const platform = `${process.platform}${libc.isNonGlibcLinuxSync() ? (libc.familySync() ?? '') : ''}-${process.arch}`;
  for (const name of [`@img/sharp-${platform}/versions`, `@img/sharp-libvips-${platform}/versions`]) {
    try {
      const { vips } = fromSharp(name) as { vips: string };
      return decoderName({ vips, sharp });
    } catch {
      // The next package, or the system's library.
    }
  }
  return decoderName((require('sharp') as { versions: { vips: string; sharp: string } }).versions);
}
