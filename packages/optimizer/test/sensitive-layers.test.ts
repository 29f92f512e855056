import { describe, expect, it } from 'vitest';
import { sensitiveLayers } from '../src/int8/sensitive-layers.ts';

const layers = (count: number): string[] => Array.from({ length: count }, (_, n) => `layer_${n}`);

/** Errors of layers that add up in squares. */
function measuring(costs: ReadonlyMap<string, number>) {
  const groups: number[] = [];
  const shiftOf = async (group: readonly string[]): Promise<number> => {
    groups.push(group.length);
    return Math.sqrt(group.reduce((sum, name) => sum + (costs.get(name) ?? 1e-4), 0));
  };
  return { groups, shiftOf };
}

async function first(count: number, order: AsyncGenerator<string, void>): Promise<string[]> {
  const found: string[] = [];
  for await (const name of order) {
    found.push(name);
    if (found.length === count) break;
  }
  return found;
}

describe('sensitive layers', () => {
  it('come the worst first, and most others are never looked at alone', async () => {
    const { groups, shiftOf } = measuring(
      new Map([
        ['layer_41', 1],
        ['layer_7', 0.5],
        ['layer_8', 0.2],
      ]),
    );
    expect(await first(3, sensitiveLayers(layers(100), shiftOf))).toEqual(['layer_41', 'layer_7', 'layer_8']);
    expect(groups.filter((size) => size === 1).length).toBeLessThan(12);
  });

  it('are all there in the end, with no more measurements for many layers than for some', async () => {
    for (const count of [1, 3, 59, 400]) {
      const { groups, shiftOf } = measuring(new Map(layers(count).map((name, n) => [name, 1 + Math.sin(n)])));
      const order = await first(Infinity, sensitiveLayers(layers(count), shiftOf));
      expect([...order].sort()).toEqual(layers(count).sort());
      expect(groups.length).toBeLessThanOrEqual(48);
    }
  });
});
