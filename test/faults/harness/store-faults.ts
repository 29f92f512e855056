import type { FaultRule } from '../../services/index.ts';

/** How a store fails, but for standing still. */
export const storeFaults = {
  'answers 500': { kind: 'status', status: 500 },
  'answers 503 and asks for a second': { kind: 'status', status: 503, retryAfterSeconds: 1 },
  'resets connections': { kind: 'reset' },
  'does what is asked and resets instead of answering': { kind: 'lost-answer' },
  'resets half-way through an answer': { kind: 'cut-half-way' },
} as const satisfies Record<string, FaultRule['fault']>;

/** Each of them for a share of all requests, `share` together. */
export const everyFault = (share: number): FaultRule[] => {
  const faults = Object.values(storeFaults);
  return faults.map((fault) => ({ share: share / faults.length, fault }));
};
