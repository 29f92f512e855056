import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Decodes one JPEG on a thread of libuv's pool. */
export interface TurboJpeg {
  /** Of the library, or its name where the system finds it. */
  readonly path: string;
  /**
   * All pixels of a JPEG: RGB, 8 bits, rows from the top without gaps, into `pixels` of width x height x 3 bytes.
   * @returns false where the library met anything unusual, if only a warning.
   */
  decode(
    bytes: Uint8Array<ArrayBuffer>,
    width: number,
    height: number,
    pixels: Uint8Array<ArrayBuffer>,
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
  /** Buffers that a thread works on, which must not be collected meanwhile. */
  const inUse = new Set<Uint8Array>();
  return {
    path: library,
    async decode(bytes, width, height, pixels) {
      const decoder: unknown = open();
      inUse.add(bytes).add(pixels);
      try {
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
