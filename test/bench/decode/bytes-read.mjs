import { cutJpeg } from '../../../packages/inference/dist/decode/jpeg/jpeg-cut.js';
import { jpegShrink } from '../../../packages/inference/dist/decode/resize/fast-size.js';

/** How many bytes of each picture a decoder is given, exact and fast. */
export function bytesRead(pictures, preprocessing) {
  let [exact, fast] = [0, 0];
  for (const { bytes, width, height } of pictures) {
    const shrink = jpegShrink(width, height, preprocessing);
    exact += bytes.length;
    fast += (shrink && cutJpeg(new Uint8Array(bytes), shrink)?.length) ?? bytes.length;
  }
  return { exact, fast, share: fast / exact };
}
