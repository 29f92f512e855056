/** 0 to `end`, which is left out. */
export function* range(end: number): Generator<number> {
  for (let at = 0; at < end; at++) yield at;
}
