import sharp from 'sharp';

/** Megapixels that are made in turn: from just over one to what a camera gives. */
const sizes = [1.1, 2, 4, 8, 12];
const qualities = [80, 85, 90];
const encodings = [
  { encoding: 'baseline' },
  { encoding: 'progressive', progressive: true },
  { encoding: 'baseline' },
  { encoding: 'mozjpeg', mozjpeg: true },
];

/**
 * `count` JPEGs of over one megapixel, half of them progressive and half baseline: crops of 85 to 100 % of each side. Where a source is too
 * small for the size, its crop is enlarged and given a little grain, since enlarging leaves none and files without it are quick to decode.
 */
export async function makePictures(sources, count) {
  const random = generator(20_261_129);
  const pictures = [];
  for (let i = 0; i < count; i++) {
    const source = sources[i % sources.length];
    // Every encoding of every source, every size of every encoding.
    const turn = Math.floor(i / sources.length);
    const { encoding, ...options } = encodings[(i + turn) % encodings.length];
    const pixels = sizes[(i + 2 * turn) % sizes.length] * 1e6;
    const { width, height } = await sharp(source.bytes).metadata();
    const [across, down] = [width, height].map((side) => Math.floor(side * (0.85 + 0.15 * random())));
    const left = Math.floor((width - across) * random());
    const top = Math.floor((height - down) * random());
    const crop = sharp(source.bytes).extract({ left, top, width: across, height: down });
    const scale = Math.sqrt(pixels / (across * down));
    const size = { width: Math.round(across * scale), height: Math.round(down * scale) };
    const resized = crop.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
    const data = await resized.removeAlpha().toColourspace('srgb').raw().toBuffer();
    if (scale > 1) addGrain(data, random);
    const bytes = await sharp(data, { raw: { ...size, channels: 3 } })
      .jpeg({ ...options, quality: qualities[turn % qualities.length] })
      .toBuffer();
    pictures.push({ source: source.name, bird: source.bird, enlarged: scale > 1, encoding, ...size, bytes });
  }
  return pictures;
}

/** The sum of two uniform values, 2.4 levels of 256 wide: what a camera leaves at low sensitivity. */
function addGrain(data, random) {
  for (let at = 0; at < data.length; at++)
    data[at] = Math.max(0, Math.min(255, Math.round(data[at] + 6 * (random() + random() - 1))));
}

/** Numerical Recipes' generator: the same pictures every time. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
