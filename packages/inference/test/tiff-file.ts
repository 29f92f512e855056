interface TiffForm {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly samples: 1 | 3;
  /** 1 whole numbers, 2 with a sign, 3 floating point. */
  readonly format: number;
  /** 1 grey, 2 RGB, 6 YCbCr. */
  readonly photometric: number;
  readonly big?: boolean;
}

/** Writes a little-endian TIFF of one uncompressed strip. */
export function tiff(pixels: Uint8Array, form: TiffForm): Buffer {
  const { width, height, bits, samples, format, photometric, big = false } = form;
  const [header, counter, entry, pointer] = big ? [16, 8, 20, 8] : [8, 2, 12, 4];
  const fields: [tag: number, values: number[]][] = [
    [256, [width]],
    [257, [height]],
    [258, Array(samples).fill(bits)],
    [259, [1]],
    [262, [photometric]],
    [273, [Number.NaN]],
    [277, [samples]],
    [278, [height]],
    [279, [pixels.length]],
    [339, Array(samples).fill(format)],
  ];
  const directory = header + counter + fields.length * entry + pointer;
  const beside = 64;
  const file = Buffer.alloc(directory + beside);
  file.write('II', 'latin1');
  file.writeUInt16LE(big ? 43 : 42, 2);
  if (big) file.writeUInt16LE(8, 4);
  file.writeUInt32LE(header, big ? 8 : 4);
  file.writeUInt16LE(fields.length, header);
  let free = directory;
  fields.forEach(([tag, values], n) => {
    const at = header + counter + n * entry;
    const valueAt = at + entry - pointer;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(3, at + 2);
    file.writeUInt32LE(values.length, at + 4);
    const to = 2 * values.length > pointer ? free : valueAt;
    if (to === free) {
      file.writeUInt32LE(free, valueAt);
      free += 2 * values.length;
    }
    for (const [i, value] of values.entries())
      file.writeUInt16LE(Number.isNaN(value) ? directory + beside : value, to + 2 * i);
  });
  return Buffer.concat([file, pixels]);
}
