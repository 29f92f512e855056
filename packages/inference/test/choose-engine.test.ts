import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseEngine } from '../src/choose-engine/choose-engine.ts';
import { fastestThatAgrees, type Trial } from '../src/choose-engine/fastest-that-agrees.ts';
import { asPinned, choosePin, findInstalled, openClassifier, pinOf } from '../src/index.ts';
import { keepMeasured } from '../src/measured-file.ts';
import { onnxSmallNet } from './small-net/onnx.ts';

const installed = resolve(import.meta.dirname, '../../../.cache/engines');
const hasOpenvino = findInstalled('openvino', installed).length > 0;

const trial = (engine: Trial['engine'], ratio: number, other: Partial<Trial> = {}): Trial => ({
  engine,
  picturesPerSecond: 100 * ratio,
  ratio,
  largestDifference: 1e-6,
  otherLabels: 0,
  isSteady: true,
  ...other,
});
const first = trial('onnx', 1, { largestDifference: 0 });

describe('of several engines', () => {
  it('the fastest is taken', () =>
    expect(fastestThatAgrees([first, trial('openvino', 1.2), trial('tensorflow', 1.4)])).toBe('tensorflow'));
  it('the first stays where none is faster by more than what a measurement may be off', () =>
    expect(fastestThatAgrees([first, trial('openvino', 1.04), trial('tensorflow', 0.5)])).toBe('onnx'));
  it.each([
    ['has other scores', { largestDifference: 2e-3 }],
    ['has scores that are no numbers', { largestDifference: Number.NaN }],
    ['has other labels', { otherLabels: 1 }],
    ['has scores that depend on the batch', { isSteady: false }],
    ['could not run it', { failed: 'MODEL_INVALID' }],
  ])('one that %s is not taken, however fast', (_, other) => {
    expect(fastestThatAgrees([first, trial('openvino', 3, other)])).toBe('onnx');
    expect(fastestThatAgrees([first, trial('openvino', 3, other), trial('tensorflow', 1.1)])).toBe('tensorflow');
  });
});

it('what could not be kept is called by its name', async () => {
  const log = { info: vi.fn(), warn: vi.fn() };
  await keepMeasured('/dev/null/engine.json', {}, { what: 'the choice of the engine', log });
  expect(log.warn).toHaveBeenCalledExactlyOnceWith(expect.anything(), 'the choice of the engine could not be kept');
});

describe('what auto means', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rookery-choice-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const tuningCache = () => join(folder, 'tuning');
  const choices = () => readdirSync(tuningCache()).filter((name) => name.startsWith('engine-'));

  it('is not measured where there is one engine, or another was asked for', async () => {
    const model = await onnxSmallNet(folder);
    const log = { info: vi.fn(), warn: vi.fn() };
    const options = { tuning: 'measure', tuningCache: tuningCache(), log } as const;
    expect(await chooseEngine(model, { ...options, enginesFolder: join(folder, 'none') })).toBe('auto');
    expect(await chooseEngine(model, { ...options, enginesFolder: installed, engine: 'onnx' })).toBe('onnx');
    expect(log.info).not.toHaveBeenCalled();
    expect(readdirSync(folder)).toEqual(['model.onnx']);
  });

  it('is the engine of a pin for whoever does what it says, unless an engine was asked for', async () => {
    const pin = { ...pinOf(await onnxSmallNet(folder)), maxPixels: 1_000 };
    const named = (name: string) => ({ ...pin, engine: { ...pin.engine, name } });
    expect(asPinned({ threads: 1 }, pin)).toEqual({ threads: 1, engine: 'onnx', maxPixels: 1_000 });
    expect(asPinned({ engine: 'auto' }, named('openvino')).engine).toBe('openvino');
    expect(asPinned({ engine: 'auto' }, named('tensorflow.js-wasm')).engine).toBe('tensorflow');
    expect(asPinned({ engine: 'auto' }, named('of the future')).engine).toBe('auto');
    expect(asPinned({ engine: 'onnx' }, named('openvino')).engine).toBe('onnx');
  });

  describe.skipIf(!hasOpenvino)('beside OpenVINO', () => {
    it('is measured once for a machine and a model, and stands in the pin', { timeout: 60_000 }, async () => {
      const model = await onnxSmallNet(folder);
      const log = { info: vi.fn(), warn: vi.fn() };
      const options = { tuningCache: tuningCache(), enginesFolder: installed, threads: 1, log } as const;
      // Nothing is measured for a few pictures.
      expect(await chooseEngine(model, { ...options, tuning: 'cached' })).toBe('auto');
      const chosen = await chooseEngine(model, { ...options, tuning: 'measure' });
      expect(log.info).toHaveBeenCalledOnce();
      const [{ trials }] = log.info.mock.calls[0] as [{ trials: Trial[] }];
      expect(trials).toMatchObject([
        { engine: 'onnx', ratio: 1, largestDifference: 0, otherLabels: 0, isSteady: true },
        { engine: 'openvino', otherLabels: 0, isSteady: true },
      ]);
      expect(trials[1]?.largestDifference).toBeLessThan(1e-3);
      expect(trials.every(({ picturesPerSecond }) => picturesPerSecond > 0)).toBe(true);
      expect(chosen).toBe(fastestThatAgrees(trials));
      expect(choices()).toHaveLength(1);
      for (const tuning of ['cached', 'measure'] as const)
        expect(await chooseEngine(model, { ...options, tuning })).toBe(chosen);
      expect(log.info).toHaveBeenCalledOnce();
      expect(await choosePin(model, options)).toEqual(pinOf(model, { engine: chosen, enginesFolder: installed }));
    });

    it('is what was found before: for a pin, and for a classifier that is opened', { timeout: 60_000 }, async () => {
      const model = await onnxSmallNet(folder);
      const options = { tuningCache: tuningCache(), enginesFolder: installed, threads: 1 } as const;
      await chooseEngine(model, { ...options, tuning: 'measure' });
      const file = join(tuningCache(), choices()[0] as string);
      const kept = JSON.parse(readFileSync(file, 'utf8'));
      for (const [engine, name] of [
        ['openvino', 'openvino'],
        ['onnx', 'onnxruntime'],
      ] as const) {
        writeFileSync(file, JSON.stringify({ ...kept, engine }));
        const pin = await choosePin(model, options);
        expect(pin.engine.name).toBe(name);
        await using classifier = await openClassifier(model, options);
        expect(classifier.pin).toEqual(pin);
        await using other = await openClassifier(model, { ...options, engine: 'onnx' });
        expect(other.pin.engine.name).toBe('onnxruntime');
      }
      // Other threads may make another engine the fastest.
      expect(await chooseEngine(model, { ...options, threads: 2 })).toBe('auto');
      writeFileSync(file, '{"engine":"no such');
      expect(await chooseEngine(model, options)).toBe('auto');
    });

    it('goes by the format for a model that the first engine cannot run, which then says why', async () => {
      const model = await onnxSmallNet(folder);
      writeFileSync(join(folder, 'model.onnx'), 'no graph');
      const options = { tuning: 'measure', tuningCache: tuningCache(), enginesFolder: installed } as const;
      expect(await chooseEngine(model, options)).toBe('auto');
      await expect(openClassifier(model, options)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    });
  });
});
