import { seededRandom } from '@rookery/contracts';

/** Smooth waves of colour with a box on them, the same on every machine: uint8, height x width x 3 each. */
export function trialPictures(count: number, height: number, width: number): Uint8Array<ArrayBuffer>[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => {
    const base = [random() * 255, random() * 255, random() * 255];
    const tint = [random() * 120, random() * 120, random() * 120];
    const [down, across] = [(1 + random() * 9) / height, (1 + random() * 9) / width];
    const [top, left, side, shade] = [random() * 0.6, random() * 0.6, 0.1 + random() * 0.3, random() * 255];
    return Uint8Array.from({ length: height * width * 3 }, (_, at) => {
      const channel = at % 3;
      const [y, x] = [Math.floor(at / 3 / width), Math.floor(at / 3) % width];
      const [v, u] = [y / height - top, x / width - left];
      if (v > 0 && v < side && u > 0 && u < side) return shade;
      const wave = Math.sin(y * down * 2 * Math.PI) + Math.sin(x * across * 2 * Math.PI);
      return Math.max(0, Math.min(255, (base[channel] ?? 0) + (wave * (tint[channel] ?? 0)) / 2));
    });
  });
}
