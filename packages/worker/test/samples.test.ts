import { decodePicture } from '@rookery/inference';
import type { TableCell, TrackedRow, Tracker } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** Remembers what it is told. */
class Kept {
  readonly rows: TrackedRow[] = [];
  readonly tables: { readonly columns: readonly string[]; readonly rows: readonly (readonly TableCell[])[] }[] = [];
  readonly tracker: Tracker = {
    kind: 'file',
    start: () => ({
      log: (row) => void this.rows.push(row),
      table: (_name, rows) => void this.tables.push(rows),
      loss: { dropped: 0, reason: undefined },
      finish: async () => {},
    }),
  };
}

async function label(kept: Kept, samples: number, limits = {}): Promise<readonly string[]> {
  const keys = await fleet.copies(9);
  await fleet.queues.events.send(keys.map((key) => fleet.event([key])));
  const run = { id: 'one', name: 'one', config: {} };
  const worker = await fleet.start({ track: { tracker: kept.tracker, run, intervalMs: 100, samples }, limits });
  await fleet.settled();
  await worker.stop();
  return keys;
}

describe('samples of a tracked run', { timeout: 90_000 }, () => {
  it.each([
    ['', {}],
    [', in isolation too', { isolateFromAttempt: 1 }],
  ])('are a few of its pictures, small, with what they were labelled%s', async (_where, limits) => {
    const kept = new Kept();
    const keys = await label(kept, 2, limits);
    const rows = kept.tables.flatMap((table) => table.rows);
    expect(rows.length).toBeGreaterThan(0);
    for (const table of kept.tables) {
      expect(table.columns).toEqual(['picture', 'key', 'label', 'score']);
      expect(table.rows.length).toBeLessThanOrEqual(2);
    }
    for (const [picture, key, name, score] of rows) {
      expect(keys).toContain(key);
      expect(await fleet.label(String(key))).toMatchObject({ predictions: [{ label: name, score }, {}] });
      if (typeof picture !== 'object' || picture === null) throw new Error('no picture');
      const { width, height } = picture;
      expect([...picture.jpeg.slice(0, 2)]).toEqual([0xff, 0xd8]);
      expect(await decodePicture(new Uint8Array(picture.jpeg))).toMatchObject({ width, height });
      expect(Math.max(width, height)).toBe(128);
    }
  });

  it('are not taken where nobody asked for them', async () => {
    const kept = new Kept();
    await label(kept, 0);
    expect(kept.rows.reduce((sum, row) => sum + Number(row['pictures/labelled']), 0)).toBe(9);
    expect(kept.tables).toEqual([]);
  });
});
