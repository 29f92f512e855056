import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Shrink } from './jpeg-cut.ts';

/** Decodes one JPEG on a thread of libuv's pool. */
export interface TurboJpeg {
  /** Of the library, or its name where the system finds it. */
  readonly path: string;
  /**
   * The pixels of a JPEG of `size`: RGB, 8 bits, rows from the top without gaps. With `shrink` so many fewer along each side, rounded up: each
   * block of 8 x 8 is then transformed to so few.
   * @param pixels Their three bytes each are written to its beginning.
   * @returns false where the library met anything unusual, if only a warning, or another size.
   */
  decode(
    bytes: Uint8Array<ArrayBuffer>,
    size: { readonly width: number; readonly height: number },
    pixels: Uint8Array<ArrayBuffer>,
    shrink?: Shrink,
  ): Promise<boolean>;
}

/** turbojpeg.h: the pixel format, and what a decoder is asked for. */
const rgb = 0;
const accurateDct = 4096;
const stopOnWarning = 8192;
/** A progressive picture of more than 500 scans, which only an attack has, is an error. */
const limitScans = 32768;
const flags = accurateDct | stopOnWarning | limitScans;

/** Which library decodes plain JPEGs, for people. */
export type JpegDecoder = 'libjpeg-turbo' | 'libvips';

export const jpegDecoder = (): JpegDecoder => (turboJpeg() ? 'libjpeg-turbo' : 'libvips');

let loaded: TurboJpeg | undefined | 'none';

/**
 * libjpeg-turbo by itself. libvips has the same decoder inside, gives the same pixels, and takes up to three times as long for
 * them: its pipeline copies them row by row. The library is the package's own build, else the system's; `undefined` where there is none.
 */
export function turboJpeg(): TurboJpeg | undefined {
  loaded ??= load() ?? 'none';
  return loaded === 'none' ? undefined : loaded;
}

function load(): TurboJpeg | undefined {
  const require = createRequire(import.meta.url);
  let koffi: typeof import('koffi');
  try {
    koffi = require('koffi');
  } catch {
    return undefined;
  }
  for (const library of libraries(require)) {
    try {
      return bind(koffi, library);
    } catch {
      // The next one.
    }
  }
  return undefined;
}

function* libraries(require: NodeJS.Require): Generator<string> {
  try {
    const prebuilds = join(dirname(require.resolve('@julusian/jpeg-turbo/package.json')), 'prebuilds');
    const { platform, arch } = process;
    const folder = (libc: string) => join(prebuilds, `jpeg-turbo-${platform}-${arch}${libc}`);
    if (platform === 'linux') for (const libc of ['', '-musl']) yield join(folder(libc), 'libturbojpeg.so.0');
    else yield join(folder(''), 'node-napi-v7.node');
  } catch {
    // An optional package.
  }
  yield { linux: 'libturbojpeg.so.0', darwin: 'libturbojpeg.dylib', win32: 'turbojpeg.dll' }[
    process.platform as string
  ] ?? 'libturbojpeg.so';
}

function bind(koffi: typeof import('koffi'), library: string): TurboJpeg {
  const functions = koffi.load(library);
  const open = functions.func('void *tjInitDecompress()');
  const close = functions.func('int tjDestroy(void *)');
  const decompress = functions.func(
    'int tjDecompress2(void *, const uint8_t *, unsigned long, uint8_t *, int, int, int, int, int)',
  );
  const readHeader = functions.func(
    'int tjDecompressHeader3(void *, const uint8_t *, unsigned long, _Out_ int *, _Out_ int *, _Out_ int *, _Out_ int *)',
  );
  /** Buffers that a thread works on, which must not be collected meanwhile. */
  const inUse = new Set<Uint8Array>();

  /** The library writes what the file says: it has to be what there is room for. */
  const isOf = (decoder: unknown, bytes: Uint8Array, { width, height }: { width: number; height: number }): boolean => {
    const [w, h, ignored] = [[0], [0], [0]];
    return readHeader(decoder, bytes, bytes.length, w, h, ignored, ignored) === 0 && w[0] === width && h[0] === height;
  };
  return {
    path: library,
    async decode(bytes, size, pixels, shrink = 1) {
      const [width, height] = [Math.ceil(size.width / shrink), Math.ceil(size.height / shrink)];
      if (pixels.length < width * height * 3)
        throw new RangeError(`${pixels.length} bytes for ${width} x ${height} pixels`);
      const decoder: unknown = open();
      inUse.add(bytes).add(pixels);
      try {
        if (!isOf(decoder, bytes, size)) return false;
        const status = await new Promise<number>((resolve, reject) => {
          decompress.async(
            ...[decoder, bytes, bytes.length, pixels, width, 0, height, rgb, flags],
            (thrown: unknown, result: number) => (thrown ? reject(thrown) : resolve(result)),
          );
        });
        return status === 0;
      } finally {
        inUse.delete(bytes);
        inUse.delete(pixels);
        close(decoder);
      }
    },
  };
}
