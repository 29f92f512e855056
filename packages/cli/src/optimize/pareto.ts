export interface Point {
  /** More is better. */
  readonly speed: number;
  /** Less is better. */
  readonly loss: number;
}

/** Whether each point is one that no other beats: none is at least as good in both and better in one. */
export const paretoOf = (points: readonly Point[]): boolean[] =>
  points.map(
    ({ speed, loss }) =>
      !points.some((other) => other.speed >= speed && other.loss <= loss && (other.speed > speed || other.loss < loss)),
  );
