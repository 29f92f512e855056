import { setTimeout as sleep } from 'node:timers/promises';
import { median, round } from '../fleet/figures.mjs';

/** Between two contestants: the runtime's threads of one wait actively for a while, which the next one is not to pay for. */
const settleMs = 50;

/**
 * Runs the contestants in turns, the order reversed each round, after two rounds that do not count. Resolves to milliseconds and CPU
 * milliseconds of this process and its children, by name; a contestant that resolves to `ms` or `cpuMs` has measured itself.
 */
export async function inTurns(contestants, rounds, cpuMs = ownCpuMs) {
  const names = Object.keys(contestants);
  const seen = Object.fromEntries(names.map((name) => [name, { ms: [], cpuMs: [] }]));
  for (let i = -2; i < rounds; i++) {
    for (const name of i % 2 === 0 ? names : [...names].reverse()) {
      await sleep(settleMs);
      const cpuBefore = cpuMs();
      const startedAt = performance.now();
      const used = await contestants[name]();
      const ms = performance.now() - startedAt;
      if (i < 0) continue;
      seen[name].ms.push(used?.ms ?? ms);
      seen[name].cpuMs.push(used?.cpuMs ?? cpuMs() - cpuBefore);
    }
  }
  return seen;
}

const ownCpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Median and best of each, and the median of the ratios of `ours` to `theirs`, round by round. */
export function summarise(seen, ours, theirs) {
  const of = ({ ms, cpuMs }) => ({
    ms: round(median(ms)),
    bestMs: round(Math.min(...ms)),
    cpuMs: round(median(cpuMs)),
  });
  return {
    ...Object.fromEntries(Object.entries(seen).map(([name, it]) => [name, of(it)])),
    ratio: round(median(seen[ours].ms.map((ms, i) => ms / seen[theirs].ms[i])), 3),
    cpuRatio: round(median(seen[ours].cpuMs.map((ms, i) => ms / seen[theirs].cpuMs[i])), 3),
    rounds: seen[ours].ms.length,
  };
}
