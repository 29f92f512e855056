/** A pause and up to a quarter of it more, so that not everybody who was told to wait so long comes back at once. Milliseconds. */
export const jittered = (ms: number): number => ms * (1 + Math.random() / 4);
