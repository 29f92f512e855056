import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from '@rookery/models';
import { silentLogger } from '@rookery/telemetry';
import { expect, it } from 'vitest';
import { publishVariation } from '../../models/test/a-variation.ts';
import { loadConfig } from '../src/config.ts';
import { EventPins } from '../src/produce/event-pins.ts';
import { pinFrom } from '../src/produce/producer-parts.ts';
import { runCommand } from './a-host.ts';

it('events are labelled with what the alias names, with its canary for a share of keys, and follow it without a restart', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'rookery-pins-'));
  const env = { ROOKERY_MODELS: join(cwd, 'models'), ROOKERY_MODEL: 'birds', HOME: cwd };
  const registry = openRegistry({ folder: env.ROOKERY_MODELS });
  const [first, second] = [
    await publishVariation(registry, 'birds', 'first'),
    await publishVariation(registry, 'birds', 'second'),
  ];
  await registry.alias('birds', 'production', first);
  const config = await loadConfig({ env, cwd, file: undefined, flags: {} });
  await using pins = await EventPins.open({
    registry,
    reference: config.models.model,
    pinOf: (reference) => pinFrom(registry, reference, config),
    pollMs: 50,
    log: silentLogger,
  });
  const keys = Array.from({ length: 400 }, (_, at) => `bird ${at}.jpg`);
  const labels = () => keys.map((key) => pins.pinFor(key).labels);
  const [ofFirst] = labels();
  expect(new Set(labels())).toEqual(new Set([ofFirst]));

  const said = await runCommand(['models', 'canary', `birds@${second}`, '--share', '0.25'], { cwd, env });
  expect(said).toMatchObject({
    code: 0,
    stdout: `birds:production is birds@${first}, birds@${second} for 25 % of keys\n`,
  });
  await expect.poll(() => new Set(labels()).size).toBe(2);
  const canaries = keys.filter((key) => pins.pinFor(key).labels !== ofFirst);
  expect(canaries.length).toBeGreaterThan(60);
  expect(canaries.length).toBeLessThan(140);
  // As its share grows nobody goes back.
  await runCommand(['models', 'canary', `birds@${second}`, '--share', '0.5'], { cwd, env });
  await expect.poll(() => keys.filter((key) => pins.pinFor(key).labels !== ofFirst).length).toBeGreaterThan(150);
  expect(canaries.every((key) => pins.pinFor(key).labels !== ofFirst)).toBe(true);

  await runCommand(['models', 'canary', 'birds', '--remove', '--reason', 'enough seen'], { cwd, env });
  await expect.poll(() => new Set(labels()).size).toBe(1);
  await registry.alias('birds', 'production', second);
  await expect.poll(() => labels()[0]).not.toBe(ofFirst);
  expect(await runCommand(['models', 'canary', `birds@${second}`], { cwd, env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ALIAS_UNCHANGED'),
  });
}, 60_000);
