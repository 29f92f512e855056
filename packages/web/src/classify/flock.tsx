const birds = [
  [46, 78, 1.25],
  [92, 44, 0.95],
  [139, 66, 1.1],
  [178, 30, 0.8],
  [214, 58, 0.7],
  [72, 20, 0.6],
  [245, 24, 0.5],
] as const;

/** A colony on its way home. Decoration. */
export const Flock = () => (
  <svg class="flock" viewBox="0 0 290 110" aria-hidden="true">
    {birds.map(([x, y, scale]) => (
      <path
        key={x}
        transform={`translate(${x} ${y}) scale(${scale})`}
        d="M-24 -7C-15 -11 -7 -9 -1.5 -1 2 -10 11 -15 23 -14 13 -11 7.500 -5.500 5 2.500 8.500 3 10 3.600 12.500 5.400 8.500 5.400 6 6.400 3 6.600 -2.500 7 -5.500 4 -8 0 -11.500 -5 -16.500 -7.200 -24 -7z"
      />
    ))}
  </svg>
);
