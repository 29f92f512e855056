import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { ExactResizer } from '../../../packages/inference/dist/decode/resize/exact-resizer.js';
import { median, round } from '../fleet/figures.mjs';
import { inTurns } from './turns.mjs';

/** What the exact kernels cost, against libvips' own on the same full-size decode of the five pictures. One thread each. */
export async function measureKernels({ paths, model }, rounds) {
  const { width, height } = model.preprocessing;
  const files = await Promise.all(paths.map((path) => readFile(path)));
  const pixels = await Promise.all(
    files.map(async (file) => {
      const { data, info } = await sharp(file, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height };
    }),
  );
  sharp.concurrency(1);
  const slot = new Float32Array(width * height * 3);
  const exact = (kernel) => {
    const resizer = new ExactResizer({ width, height, resize: 'stretch', kernel });
    const into = kernel === 'bilinear-half-pixel' ? new Uint8Array(slot.length) : slot;
    return async () => {
      for (const picture of pixels) resizer.resize(picture, into);
    };
  };
  const libvips = async () => {
    for (const { data, width: w, height: h } of pixels) {
      const raw = sharp(data, { raw: { width: w, height: h, channels: 3 } });
      await raw.resize(width, height, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
    }
  };
  const decode = async () => {
    for (const file of files) await sharp(file, { ignoreIcc: true }).raw().toBuffer();
  };
  const seen = await inTurns(
    {
      decode,
      libvips,
      'bilinear-half-pixel': exact('bilinear-half-pixel'),
      'bilinear-align-corners': exact('bilinear-align-corners'),
    },
    rounds,
  );
  const ms = Object.fromEntries(Object.entries(seen).map(([name, it]) => [name, round(median(it.ms), 2)]));
  const ratioOf = (name) => round((ms.decode + ms[name]) / (ms.decode + ms.libvips), 3);
  return {
    fivePicturesMs: ms,
    withDecodeAgainstLibvips: {
      'bilinear-half-pixel': ratioOf('bilinear-half-pixel'),
      'bilinear-align-corners': ratioOf('bilinear-align-corners'),
    },
  };
}
