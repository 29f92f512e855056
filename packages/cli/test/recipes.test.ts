import { openRegistry } from '@rookery/models';
import { expect, it } from 'vitest';
import type { Recipe } from '../src/optimize/recipe.ts';
import { fp16Recipe, pruneRecipe } from '../src/optimize/recipes.ts';
import { aFolder } from './a-host.ts';

const { graph } = await openRegistry({ folder: aFolder() }).load('content');
const none = { pixels: new Float32Array(0), count: 0, width: 224, height: 224 };
const sessionConfig = { 'session.x64quantprecision': '0' };

it.each<[string, Recipe]>([
  ['half precision', fp16Recipe()],
  ['sparse weights', pruneRecipe({ weights: '0.5' })],
])('%s keep the session options of the variant that they are made of', async (_, recipe) => {
  if (!('bytes' in graph)) throw new Error('the starter model is one graph');
  const tools = { sessionConfig, signal: AbortSignal.timeout(60_000), tell: () => undefined };
  const changed = await recipe.change(graph.bytes, none, tools);
  expect(changed.sessionConfig).toEqual(sessionConfig);
  expect(changed.graph).not.toEqual(graph.bytes);
});

it('says of a share of weights what else is allowed', () => {
  for (const weights of ['3:4', '0', '1', 'half', ''])
    expect(() => pruneRecipe({ weights })).toThrow(
      `--weights: got "${weights}", allowed: a number between 0 and 1, or 2:4`,
    );
});
