import { fastSize } from '../../../packages/inference/dist/decode/fast-size.js';
import { cutJpeg } from '../../../packages/inference/dist/decode/jpeg-cut.js';

/** How many bytes of each picture a decoder is given, exact and fast. */
export function bytesRead(pictures, preprocessing) {
  let [exact, fast] = [0, 0];
  for (const { bytes, width, height } of pictures) {
    const size = fastSize(width, height, preprocessing);
    exact += bytes.length;
    fast += (size && cutJpeg(new Uint8Array(bytes), size.shrink)?.length) ?? bytes.length;
  }
  return { exact, fast, share: fast / exact };
}
