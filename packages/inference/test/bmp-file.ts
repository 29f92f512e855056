interface BmpForm {
  readonly bits: 4 | 8 | 16 | 24 | 32;
  readonly topDown?: boolean;
  readonly runs?: boolean;
  /** The header of OS/2 1.x. */
  readonly core?: boolean;
}

/** Writes a bitmap: 4 and 8 bits with a palette of the colours that occur. */
export function bmp(rgb: Uint8Array, width: number, height: number, { bits, topDown, runs, core }: BmpForm): Buffer {
  const palette = new Map<number, number>();
  const colourAt = (x: number, y: number): [number, number, number] => {
    const at = (y * width + x) * 3;
    return [rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0];
  };
  const indexAt = (x: number, y: number): number => {
    const [r, g, b] = colourAt(x, y);
    const key = (r << 16) | (g << 8) | b;
    if (!palette.has(key)) palette.set(key, palette.size);
    return palette.get(key) as number;
  };
  const row = (y: number): number[] => {
    const columns = Array.from({ length: width }, (_, x) => x);
    if (bits === 24) return columns.flatMap((x) => colourAt(x, y).reverse());
    if (bits === 32) return columns.flatMap((x) => [...colourAt(x, y).reverse(), 0x11]);
    if (bits === 16) {
      return columns.flatMap((x) => {
        const [r, g, b] = colourAt(x, y).map((it) => it >> 3) as [number, number, number];
        const packed = (r << 10) | (g << 5) | b;
        return [packed & 255, packed >> 8];
      });
    }
    if (runs)
      return [
        ...runsOf(
          columns.map((x) => indexAt(x, y)),
          bits as 4 | 8,
        ),
        0,
        0,
      ];
    if (bits === 8) return columns.map((x) => indexAt(x, y));
    return columns
      .filter((x) => x % 2 === 0)
      .map((x) => (indexAt(x, y) << 4) | (x + 1 < width ? indexAt(x + 1, y) : 0));
  };
  const padded = (bytes: number[]): number[] =>
    runs ? bytes : [...bytes, ...Array((4 - (bytes.length % 4)) % 4).fill(0)];
  const order = Array.from({ length: height }, (_, i) => (topDown ? i : height - 1 - i));
  const pixels = Buffer.from([...order.flatMap((y) => padded(row(y))), ...(runs ? [0, 1] : [])]);

  const colours = Buffer.from([...palette.keys()].flatMap((key) => [key & 255, (key >> 8) & 255, key >> 16, 0]));
  const header = Buffer.alloc(core ? 12 : 40);
  header.writeUInt32LE(header.length, 0);
  if (core) {
    header.writeUInt16LE(width, 4);
    header.writeUInt16LE(height, 6);
    header.writeUInt16LE(1, 8);
    header.writeUInt16LE(bits, 10);
  } else {
    header.writeInt32LE(width, 4);
    header.writeInt32LE(topDown ? -height : height, 8);
    header.writeUInt16LE(1, 12);
    header.writeUInt16LE(bits, 14);
    header.writeUInt32LE(runs ? (bits === 8 ? 1 : 2) : 0, 16);
    header.writeUInt32LE(palette.size, 32);
  }
  const file = Buffer.alloc(14);
  file.write('BM');
  file.writeUInt32LE(14 + header.length + colours.length + pixels.length, 2);
  file.writeUInt32LE(14 + header.length + colours.length, 10);
  return Buffer.concat([file, header, colours, pixels]);
}

/** Runs, and the last three pixels of a line as they are. */
function runsOf(indices: number[], bits: 4 | 8): number[] {
  const bytes: number[] = [];
  const literal = indices.splice(-3);
  for (let from = 0; from < indices.length; ) {
    const index = indices[from] as number;
    let count = 1;
    while (count < 255 && indices[from + count] === index) count++;
    bytes.push(count, bits === 8 ? index : (index << 4) | index);
    from += count;
  }
  const [a = 0, b = 0, c = 0] = literal;
  return bits === 8 ? [...bytes, 0, 3, a, b, c, 0] : [...bytes, 0, 3, (a << 4) | b, c << 4];
}
