import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { answersFor, type ResultLine, type RolloutRules, shadowsFor } from '@rookery/contracts';
import { pinOf } from '@rookery/inference';
import { beside, cleared, type Registry, settleRollout } from '@rookery/models';
import { defaultDriftRules } from '@rookery/monitor';
import { createMetrics } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishVariation } from '../../models/test/a-variation.ts';
import { digestOfFile, Fleet, photograph, registryIn, sleep } from './fleet.ts';

let fleet: Fleet;
let registry: Registry;
/** Of `birds`: the main version, one that says the same of the photographs, one that never does. */
let versions: { readonly main: string; readonly agrees: string; readonly differs: string };

beforeEach(async () => {
  fleet = await Fleet.open();
  registry = registryIn(fleet.folder);
  versions = {
    main: await publishVariation(registry, 'birds', ['a', 'b', 'c', 'd', 'main']),
    agrees: await publishVariation(registry, 'birds', ['a', 'b', 'c', 'd', 'agrees']),
    differs: await publishVariation(registry, 'birds', ['v', 'w', 'x', 'y', 'z']),
  };
  await registry.alias('birds', 'production', versions.main);
});
afterEach(async () => {
  delete process.env.CRASH_OVER;
  await fleet[Symbol.asyncDispose]();
});

const stand = (role: 'canary' | 'shadow', version: string, share: number, rules?: RolloutRules): Promise<unknown> =>
  registry.changeAlias('birds', 'production', (now) => now && beside(now, role, { version, share }, { rules }));

async function aWorker(limits = {}, pollMs = 100, reference = 'birds', isolation = {}) {
  const metrics = createMetrics({ service: 'worker', process: false });
  const rollout = { registry, reference, pollMs };
  const worker = await fleet.start({
    rollout,
    metrics,
    warm: ['birds'],
    limits,
    isolation,
    monitor: defaultDriftRules,
    health: { port: 0 },
  });
  await worker.whenReady;
  return {
    worker,
    page: async () => (await fetch(`${worker.healthUrl}/`)).text(),
    async count(name: string, label: string): Promise<number> {
      const { body } = await metrics.render();
      return Number(new RegExp(`^${name}\\{[^}]*="${label}"[^}]*\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
    },
  };
}
const comparisons = 'rookery_shadow_comparisons_total';

/** Events as `rookery ingest` would send them: each picture by the version that its key falls to. */
async function sendEvents(keys: readonly string[]): Promise<void> {
  const rollout = await registry.rollout('birds');
  const pinned = async (version: string) => pinOf(await registry.load(`birds@${version}`));
  const stable = await pinned(rollout.version);
  const canary = rollout.canary && (await pinned(rollout.canary.version));
  const pinFor = (key: string) => (canary && answersFor(key, rollout) === 'canary' ? canary : stable);
  await fleet.queues.events.send(keys.map((key) => fleet.event([key], { pin: pinFor(key) })));
}

const labelled = (keys: readonly string[]): Promise<ResultLine[]> => Promise.all(keys.map((key) => fleet.label(key)));
const lastChange = async () => (await registry.readAlias('birds', 'production'))?.history?.at(-1);

describe('a shadow of events', { timeout: 90_000 }, () => {
  it('labels its share too, one after the other: only whether it agrees is kept, and no label is its own', async () => {
    await stand('shadow', versions.differs, 0.5);
    const { count, page } = await aWorker();
    const shown = await page();
    expect(shown).toContain(`birds@${versions.main} (fp32)`);
    expect(shown).toContain(`birds:production is ${versions.main}, ${versions.differs} in the shadow of 50 %`);
    expect(shown).toContain('unknown: there is no reference window');
    const rollout = await registry.rollout('birds');
    const keys = await fleet.copies(12);
    const drawn = keys.filter((key) => shadowsFor(key, rollout).length > 0);
    expect(drawn.length).toBeGreaterThan(2);
    await sendEvents(keys);
    await fleet.settled();
    const { model } = await fleet.label(keys[0] ?? '');
    for (const line of await labelled(keys)) {
      expect(line.model).toBe(model);
      expect('vwxyz').not.toContain(line.predictions[0]?.label);
    }
    await expect.poll(() => count(comparisons, 'other'), { timeout: 20_000 }).toBe(drawn.length);
    expect(await count(comparisons, 'same')).toBe(0);
    expect(await count('rookery_rollout_pictures_total', 'stable')).toBe(keys.length);
  });

  it('that cannot be loaded is counted, and nothing else: every picture has its label', async () => {
    const { folder, manifest } = await registry.resolve(`birds@${versions.differs}`);
    await writeFile(join(folder, manifest.variants[manifest.defaultVariant]?.path ?? ''), 'not a graph any more');
    await stand('shadow', versions.differs, 1);
    const { count } = await aWorker();
    const keys = await fleet.copies(10);
    await sendEvents(keys);
    await fleet.settled();
    expect((await labelled(keys)).every(({ error }) => error === undefined)).toBe(true);
    await expect.poll(() => count(comparisons, 'failed')).toBe(keys.length);
    expect(await count('rookery_tasks_total', 'done')).toBe(keys.length);
    expect(await fleet.queues.events.dead.list(1)).toEqual([]);
  });

  it('is no more behind than it may be: what comes faster is skipped, and no label waits for it', async () => {
    await stand('shadow', versions.agrees, 1);
    const { count } = await aWorker();
    const keys = await fleet.copies(80);
    await sendEvents(keys);
    await fleet.settled();
    expect(await labelled(keys)).toHaveLength(80);
    const sum = async () =>
      (await Promise.all(['same', 'other', 'failed', 'skipped'].map((each) => count(comparisons, each)))).reduce(
        (all, each) => all + each,
      );
    await expect.poll(sum, { timeout: 20_000 }).toBe(80);
    expect(await count(comparisons, 'skipped')).toBeGreaterThan(20);
    expect(await count(comparisons, 'same')).toBeGreaterThan(5);
  });

  it('gives its place to a task that needs it, and waits until that place is no more used', async () => {
    await stand('shadow', versions.agrees, 1);
    const { count } = await aWorker({ models: 2 });
    const [first = '', ...others] = await fleet.copies(6);
    await sendEvents([first]);
    await expect.poll(() => count(comparisons, 'same'), { timeout: 20_000 }).toBe(1);
    // A third model, for a job: it is not given back, since nobody's work holds the place.
    await fleet.job('third', [[{ key: 'acanthus-mollis.jpg' }]]);
    await fleet.settled();
    expect(await count('rookery_tasks_total', 'given-back')).toBe(0);
    expect(await fleet.lines('third', 0)).toMatchObject([{ model: expect.any(String), predictions: [{}, {}] }]);
    await sendEvents(others);
    await fleet.settled();
    await expect.poll(() => count(comparisons, 'skipped'), { timeout: 20_000 }).toBe(others.length);
    expect(await count(comparisons, 'same')).toBe(1);
    expect(await count('rookery_models_loaded', 'worker')).toBe(2);
  });
});

it('a worker whose own model is another keeps to the alias that events come under', async () => {
  await stand('shadow', versions.differs, 1);
  const { count, page } = await aWorker({}, 100, 'others');
  const keys = await fleet.copies(12);
  for (const key of keys) {
    await sendEvents([key]);
    await fleet.settled();
  }
  await expect.poll(() => count(comparisons, 'other'), { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await page()).toContain(`birds:production is ${versions.main}, ${versions.differs} in the shadow of 100 %`);
  await registry.changeAlias('birds', 'production', (now) => now && cleared(now));
  await expect.poll(page, { timeout: 20_000 }).not.toContain('in the shadow');
}, 60_000);

it('a worker looks at once what stands beside where it is told to', async () => {
  const { worker, page } = await aWorker({}, 3_600_000);
  await expect.poll(page).toContain(`birds:production is ${versions.main}`);
  await stand('shadow', versions.agrees, 0.5);
  worker.look();
  await expect.poll(page).toContain(`${versions.agrees} in the shadow of 50 %`);
}, 30_000);

describe('rules of a canary of events', { timeout: 120_000 }, () => {
  /** Sends pictures until somebody has moved the alias. */
  async function until(what: string, prefix: string): Promise<void> {
    for (let round = 0; (await lastChange())?.what !== what; round++) {
      if (round === 60) throw new Error(`it was not ${what}: ${JSON.stringify(await lastChange())}`);
      const keys = await fleet.copies(12, `${prefix}-${round}`);
      await sendEvents(keys);
      await fleet.settled();
      await sleep(300);
    }
  }

  it('promote it where it keeps them, once, however many workers judge', async () => {
    await stand('canary', versions.agrees, 0.5, { promoteAfter: 20, maxErrors: 0.1, maxDisagreement: 0.2 });
    await Promise.all([aWorker(), aWorker()]);
    await until('promoted', 'good');
    await sleep(300);
    const record = await registry.readAlias('birds', 'production');
    expect(record).toMatchObject({ version: versions.agrees });
    expect(record?.canary).toBeUndefined();
    expect(record?.history?.filter(({ what }) => what === 'promoted')).toEqual([
      expect.objectContaining({
        by: 'rule',
        from: versions.main,
        to: versions.agrees,
        reason: expect.stringMatching(
          /^answered \d+ pictures; 0 of \d+ pictures failed, at most 10 % may; 0 of \d+ pictures were labelled otherwise/,
        ),
      }),
    ]);
  });

  it('take it back where it labels otherwise, long before it has answered what it has to', async () => {
    await stand('canary', versions.differs, 0.5, { promoteAfter: 10_000, maxDisagreement: 0.2 });
    await aWorker();
    await until('rolled-back', 'bad');
    const record = await registry.readAlias('birds', 'production');
    expect(record).toMatchObject({ version: versions.main });
    expect(record?.canary).toBeUndefined();
    expect(record?.history?.at(-1)).toMatchObject({
      by: 'rule',
      from: versions.differs,
      reason: expect.stringMatching(/^\d+ of \d+ pictures were labelled otherwise, at most 20 % may$/),
    });
  });

  it('take it back where a picture of its share ends the process', async () => {
    await stand('canary', versions.agrees, 0.5, { promoteAfter: 10_000, maxErrors: 0.01 });
    const rollout = await registry.rollout('birds');
    const key = (await fleet.copies(20)).find((each) => answersFor(each, rollout) === 'canary') ?? '';
    await fleet.put(key, Buffer.concat([await readFile(photograph('nagasaki-boats')), Buffer.from('fatal')]));
    process.env.CRASH_OVER = await digestOfFile(fleet.path(key));
    const childEntry = new URL('./crashing-child.mjs', import.meta.url);
    await aWorker({ isolateFromAttempt: 1 }, 100, 'birds', { childEntry });
    await sendEvents([key]);
    expect((await fleet.label(key)).error?.code).toBe('PICTURE_CRASHED_WORKER');
    await expect.poll(lastChange).toMatchObject({ what: 'rolled-back', by: 'rule', from: versions.agrees });
    expect((await lastChange())?.reason).toBe('1 of 1 pictures failed, at most 1 % may');
  });

  it('leave the alias to who has changed it since', async () => {
    await stand('canary', versions.agrees, 0.5, { promoteAfter: 1 });
    const rollout = await registry.rollout('birds');
    await stand('canary', versions.differs, 0.5);
    expect(await settleRollout(registry, rollout, { what: 'promoted', reason: 'too late' })).toBe(false);
    expect(await registry.rollout('birds')).toMatchObject({
      version: versions.main,
      canary: { version: versions.differs },
    });
  });
});
