import { RookeryError } from '@rookery/contracts';
import { decoderName, decoderVersion } from '../../versions.ts';

type Libvips = Omit<typeof import('./sharp-decoder.ts'), 'configureSharp'>;

let loading: Promise<Libvips> | undefined;

/**
 * libvips, loaded when the first picture needs it: 15 MB that a command has no use for whose pictures are all plain JPEGs.
 * @throws {RookeryError} ENGINE_UNAVAILABLE where it is another than pins were told.
 */
export function libvips(): Promise<Libvips> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Libvips> {
  const { configureSharp, readHeader, decodeByLibvips, resizeByLibvips, decodeShrunk } = await import(
    './sharp-decoder.ts'
  );
  const name = decoderName(configureSharp());
  if (name !== decoderVersion())
    throw new RookeryError('ENGINE_UNAVAILABLE', { detail: `decoder ${name}, not ${decoderVersion()}` });
  return { readHeader, decodeByLibvips, resizeByLibvips, decodeShrunk };
}
