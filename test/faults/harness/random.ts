import { seededRandom as numbersOf } from '@rookery/contracts';

/** A seeded sequence, so that a run can be repeated. */
export interface Random {
  readonly seed: number;
  /** 0 to 1, without 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function randomFrom(seed: number): Random {
  const next = numbersOf(seed);
  return {
    seed,
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
  };
}

/** The seed of this run, `ROOKERY_FAULTS_SEED` or 1, told so that what was seen can be seen again. */
export function seededRandom(what: string): Random {
  const seed = Number(process.env.ROOKERY_FAULTS_SEED ?? 1);
  process.stdout.write(`${what}: seed ${seed}\n`);
  return randomFrom(seed);
}
