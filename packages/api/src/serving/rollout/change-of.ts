import type { Rollout } from '@rookery/contracts';

/** What a reference means, and the model that it leads to as it is hosted. */
interface Meaning {
  readonly rollout: Rollout;
  readonly key: string;
}

const besides = ['canary', 'shadow', 'rules'] as const;

/** For the log: what is different about a reference, and only that, each as `from` and `to`. */
export function changeOf(
  before: Meaning,
  now: Meaning,
): { readonly message: string; readonly [what: string]: unknown } {
  const changes = besides.flatMap((part) => {
    const [from, to] = [before.rollout[part], now.rollout[part]];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [[part, { from, to }] as const];
  });
  const what = Object.fromEntries(changes);
  if (before.key !== now.key)
    return { ...what, from: before.key, to: now.key, message: 'a reference means something else: warming up' };
  if (changes.length === 0) return { model: now.key, message: 'what stands beside a reference is tried again' };
  return { model: now.key, ...what, message: 'what stands beside a reference has changed' };
}
