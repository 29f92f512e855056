import { optimiseInt8, type RangeMethod, rangeMethods, storedInHalves } from '@rookery/optimizer';
import { fraction, oneOf } from '../config/kinds.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import type { Recipe } from './recipe.ts';
import { percent } from './report-text.ts';

export interface Int8Flags {
  readonly agreement?: string;
  readonly method?: string;
}

/** @throws {RookeryError} USAGE */
export function int8Recipe(flags: Int8Flags): Recipe {
  const agreement = parseFlag('--agreement', fraction(0, 1), flags.agreement);
  const method = parseFlag('--method', oneOf('auto', ...rangeMethods), flags.method) as
    | RangeMethod
    | 'auto'
    | undefined;
  return {
    variant: 'int8',
    title: 'int8',
    calibrates: true,
    async change(graph, pictures, { signal, tell }) {
      const made = await optimiseInt8(graph, pictures, { agreement, method, signal, tell });
      const { layers, kept, equalised, tried } = made;
      return {
        ...made,
        facts: {
          ranges: made.method,
          layers: `${layers - kept.length} of ${layers} with bytes${kept.length > 0 ? `; in float32: ${kept.join(', ')}` : ''}`,
          'equalised pairs of layers': equalised,
          kernels: 'session.x64quantprecision' in made.sessionConfig ? 'the fastest, proved exact' : 'the exact ones',
          tried: tried.map(({ what, top1, shift }) => `${what} ${percent(top1)}, shift ${shift.toFixed(3)}`).join('; '),
        },
      };
    },
  };
}

/** Weights in half precision, computed in float32. */
export const fp16Recipe = (): Recipe => ({
  variant: 'fp16',
  title: 'stored in half precision',
  calibrates: false,
  change: async (graph) => ({
    graph: storedInHalves(graph),
    facts: { weights: 'half precision, made float32 when the graph is loaded' },
  }),
});
