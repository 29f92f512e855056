/** Points of the colour map `inferno` (Matplotlib, CC0), from dark to bright: it reads the same in grey and to the colour-blind. */
const inferno: readonly (readonly [number, number, number])[] = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

const colours = Array.from({ length: 256 }, (_, degree): readonly number[] => {
  const at = (degree / 255) * (inferno.length - 1);
  const low = Math.min(inferno.length - 2, Math.floor(at));
  const [a, b] = [inferno[low] ?? [], inferno[low + 1] ?? []];
  return [0, 1, 2].map((n) => Math.round((a[n] ?? 0) + ((b[n] ?? 0) - (a[n] ?? 0)) * (at - low)));
});

/** @param degree 0 to 255. @returns red, green, blue. */
export const heatColour = (degree: number): readonly number[] => colours[degree] ?? [0, 0, 0];
