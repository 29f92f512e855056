import { resolve } from 'node:path';
import { pinDigest } from '@rookery/contracts';
import { findInstalled, pinOf } from '@rookery/inference';
import { silentLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localEngine } from '../src/index.ts';
import { ModelPool } from '../src/model/model-pool.ts';
import { PinnedModels } from '../src/model/pinned-models.ts';
import { Fleet, registryIn, sleep } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

describe('workers on one queue', { timeout: 90_000 }, () => {
  it('share a job evenly, and each result is written once', async () => {
    const keys = await fleet.copies(240);
    const done = [0, 0];
    const start = (which: number) =>
      fleet.start({
        warm: ['content'],
        limits: { leaseAhead: 20 },
        onLines: (lines) => {
          done[which] = (done[which] ?? 0) + lines.length;
        },
      });
    const workers = await Promise.all([start(0), start(1)]);
    await Promise.all(workers.map(({ whenReady }) => whenReady));
    await fleet.job(
      'shared',
      Array.from({ length: 40 }, (_, at) => keys.slice(at * 6, at * 6 + 6).map((key) => ({ key }))),
    );
    await fleet.settled();
    expect(done[0] ?? 0).toBeGreaterThan(80);
    expect(done[1] ?? 0).toBeGreaterThan(80);
    expect((done[0] ?? 0) + (done[1] ?? 0)).toBe(240);
  });

  it('lease little ahead: what one holds is not much more than its window', async () => {
    const keys = await fleet.copies(160);
    await fleet.job(
      'ahead',
      Array.from({ length: 40 }, (_, at) => keys.slice(at * 4, at * 4 + 4).map((key) => ({ key }))),
    );
    const worker = await fleet.start({ limits: { leaseAhead: 16 } });
    let most = 0;
    while (!(await fleet.ledger.resultExists('ahead', 39))) {
      most = Math.max(most, worker.inFlight);
      await sleep(1);
    }
    // Four tasks of four pictures, one that was being answered, and those whose result is being written; never all 40.
    expect(most).toBeLessThanOrEqual(16);
    expect(most).toBeGreaterThan(2);
  });

  it('that find nothing to do use next to no CPU', async () => {
    await fleet.start({ warm: ['content'] }).then(({ whenReady }) => whenReady);
    await sleep(500);
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await sleep(2_000);
    const { user, system } = process.cpuUsage(before);
    // Of one core; vitest itself is part of it.
    expect((user + system) / 1_000 / (performance.now() - startedAt)).toBeLessThan(0.1);
  });
});

describe('models of different tasks', { timeout: 90_000 }, () => {
  it('are warm at the same time up to the limit, and take turns beyond it', async () => {
    // Three pins of one model, as three jobs with different limits would ask for.
    const pins = [40_000_000, 41_000_000, 42_000_000].map((maxPixels) => ({ ...fleet.pin, maxPixels }));
    for (const [index, pin] of pins.entries()) {
      await fleet.job(`pin-${index}`, [[{ key: 'acanthus-mollis.jpg' }], [{ key: 'nagasaki-boats.jpg' }]], { pin });
    }
    await fleet.start({ limits: { models: 2 } });
    await fleet.settled();
    const lines = await Promise.all(pins.map((_pin, index) => fleet.lines(`pin-${index}`, 0)));
    expect(new Set(lines.map(([line]) => line?.model)).size).toBe(3);
    expect(new Set(lines.map(([line]) => JSON.stringify(line?.predictions))).size).toBe(1);
  });

  it('decode as much as each job asks for, whatever the model says, and no line of one is of the other', async () => {
    const model = await registryIn(fleet.folder).load('content');
    const pins = (['exact', 'fast'] as const).map((decode) => pinOf({ ...model, decode }));
    for (const pin of pins) await fleet.job(`decoded-${pin.decode}`, [[{ key: 'acanthus-mollis.jpg' }]], { pin });
    await fleet.start();
    await fleet.settled();
    const lines = await Promise.all(pins.map(({ decode }) => fleet.lines(`decoded-${decode}`, 0)));
    expect(lines.map(([line]) => line?.model)).toEqual(pins.map(pinDigest));
    expect(lines.map(([line]) => line?.error)).toEqual([undefined, undefined]);
  });
});

describe('the engine that a pin names', { timeout: 90_000 }, () => {
  /** Where `pnpm test:engines` puts them. */
  const enginesFolder = resolve(import.meta.dirname, '../../../.cache/engines');
  const [openvino] = findInstalled('openvino', enginesFolder);

  it('is what a worker runs it with that has it, in isolation too', async ({ skip }) => {
    skip(!openvino, 'not installed: rookery engines install openvino');
    const pin = pinOf(await registryIn(fleet.folder).load('content'), { engine: 'openvino', enginesFolder });
    for (const [id, isolateFromAttempt] of [
      ['beside', 9],
      ['isolated', 1],
    ] as const) {
      await fleet.job(id, [[{ key: 'acanthus-mollis.jpg' }]], { pin });
      const worker = await fleet.start({
        engine: localEngine({ enginesFolder }),
        isolation: { classifier: { enginesFolder } },
        limits: { isolateFromAttempt },
      });
      await fleet.settled();
      await worker.stop();
      const [line] = await fleet.lines(id, 0);
      expect(line).toMatchObject({ model: pinDigest(pin), predictions: [{}, {}] });
    }
    expect(await fleet.lines('isolated', 0)).toEqual(await fleet.lines('beside', 0));
  });

  it('is left to others by a worker that lacks it, or was told to use another', async () => {
    const source = registryIn(fleet.folder);
    const pin = { ...fleet.pin, engine: { name: 'openvino', version: '2026.4.1', device: 'cpu' as const } };
    const unavailable = async (engine: ReturnType<typeof localEngine>) => {
      const models = new PinnedModels({ source, engine, log: silentLogger });
      await using pool = new ModelPool({ models, engine, places: 1, log: silentLogger });
      return await pool.acquire(pin, 'wait', new AbortController().signal).catch((thrown: unknown) => thrown);
    };
    expect(await unavailable(localEngine())).toMatchObject({
      code: 'PIN_UNAVAILABLE',
      detail: expect.stringMatching(/not installed/),
    });
    const onnx = await unavailable(localEngine({ engine: 'onnx' }));
    expect(onnx).toMatchObject({ code: 'PIN_UNAVAILABLE', detail: expect.stringMatching(/engine is .*onnxruntime/) });
  });
});
