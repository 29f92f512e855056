import os from 'node:os';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../fleet/figures.mjs';
import { ours } from './contestants.mjs';
import { cpuMsOf } from './process-tree.mjs';

/**
 * Everybody labels `count` pictures of each set in turns, after a round that does not count; each is compared with Rookery in the same round.
 */
export async function measure({ running, sets, rounds, count, say }) {
  const shown = {};
  const load = [];
  for (let round = -1; round < rounds; round++) {
    load.push(os.loadavg()[0]);
    for (const { alone, peer, twoPicturesMs } of running) {
      if (!alone || round < 0) continue;
      const { picturesPerSecond } = await turn(peer, sets[1].paths.slice(0, 2));
      twoPicturesMs.push(2_000 / picturesPerSecond);
    }
    for (const { name, paths } of sets) {
      const given = Array.from({ length: count }, (_, at) => paths[at % paths.length]);
      // The order is turned round each time.
      for (const each of round % 2 === 0 ? running : [...running].reverse()) {
        const figures = await turn(each.peer, given);
        if (round < 0) shown[`${each.name}/${name}`] = figures.best.slice(0, paths.length);
        else each.rounds.push({ set: name, round, ...without(figures, 'best') });
        say(`${round + 1} of ${rounds}, ${name}: ${each.name} ${figures.picturesPerSecond.toFixed(0)}/s`);
      }
    }
  }
  return {
    measuredOn: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: os.cpus()[0]?.model.trim(),
      cores: os.availableParallelism(),
      node: process.version,
      load: { median: median(load), least: Math.min(...load), most: Math.max(...load) },
    },
    rounds,
    picturesARound: count,
    sets: sets.map(({ name, what }) => ({ name, what })),
    contestants: running.map(({ name, kind, what, peer, rounds: seen, twoPicturesMs }) => {
      const base = running.find((each) => each.name === ours[kind]);
      return {
        ...{ name, kind, what, versions: peer.versions },
        ...(twoPicturesMs.length > 0 && { twoPicturesMs: median(twoPicturesMs) }),
        ...sameLabels(
          sets,
          (set) => shown[`${name}/${set}`],
          (set) => shown[`${ours.files}/${set}`],
        ),
        measured: Object.fromEntries(sets.map((set) => [set.name, summary(seen, base.rounds, set.name)])),
        rounds: seen,
      };
    }),
  };
}

/** Before each turn: some go on computing for a while after they have answered, at the cost of whoever is next. */
const settleMs = 1_500;

async function turn({ pid, alsoPid, label }, paths) {
  await sleep(settleMs);
  const cpu = async () => (await cpuMsOf(pid)) + (alsoPid ? await cpuMsOf(alsoPid) : 0);
  const before = await cpu();
  const begun = performance.now();
  const { best, latencies = [] } = await label(paths);
  const seconds = (performance.now() - begun) / 1000;
  const sorted = [...latencies].sort((a, b) => a - b);
  return {
    best,
    picturesPerSecond: paths.length / seconds,
    cpuMs: ((await cpu()) - before) / paths.length,
    ...(sorted.length > 0 && { p50Ms: sorted[sorted.length >> 1], p95Ms: sorted[Math.floor(sorted.length * 0.95)] }),
  };
}

function summary(seen, base, set) {
  const of = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });
  const [mine, theirs] = [seen, base].map((all) => all.filter((each) => each.set === set));
  return {
    picturesPerSecond: of(mine.map((each) => each.picturesPerSecond)),
    timesRookery: of(mine.map((each, at) => each.picturesPerSecond / theirs[at].picturesPerSecond)),
    cpuMs: of(mine.map((each) => each.cpuMs)),
    cpuTimesRookery: of(mine.map((each, at) => each.cpuMs / theirs[at].cpuMs)),
  };
}

/** On how many of the different pictures it has the first label that Rookery has, and how far the scores of those are apart. */
function sameLabels(sets, mineOf, oursOf) {
  const pairs = sets.flatMap(({ name }) => mineOf(name).map((mine, at) => [mine, oursOf(name)[at]]));
  const same = pairs.filter(([mine, rookery]) => mine[0] === rookery[0]);
  return {
    same: same.length,
    compared: pairs.length,
    scoresApart: Math.max(0, ...same.map(([mine, rookery]) => Math.abs(mine[1] - rookery[1]))),
  };
}

const without = (object, key) => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
