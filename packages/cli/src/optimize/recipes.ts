import { RookeryError } from '@rookery/contracts';
import {
  optimiseInt8,
  type PrunedGraph,
  pruneChannels,
  pruneToSpeed,
  pruneWeights,
  type RangeMethod,
  rangeMethods,
  speedBatch,
  storedInHalves,
  type WeightPattern,
} from '@rookery/optimizer';
import { fraction, integer, oneOf } from '../config/kinds.ts';
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
      const { layers, kept, equalised, tried, wanted } = made;
      const reached = made.agreement >= wanted;
      return {
        ...made,
        asked: { wanted, reached: made.agreement },
        facts: {
          ranges: made.method,
          'agreement asked for': `${percent(wanted)}; ${reached ? 'reached' : `not reached: ${percent(made.agreement)}`} on the pictures it was made with`,
          layers: `${layers - kept.length} of ${layers} with bytes${kept.length > 0 ? `; in float32: ${kept.join(', ')}` : ''}`,
          'weights as bytes': `${percent(made.weightShare)} of all`,
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
  change: async (graph, _pictures, { sessionConfig }) => ({
    graph: storedInHalves(graph),
    sessionConfig,
    facts: { weights: 'half precision, made float32 when the graph is loaded' },
  }),
});

export interface PruneFlags {
  readonly channels?: string;
  readonly speed?: string;
  readonly weights?: string;
  readonly threads?: string;
}

/** Whole channels, or single weights. @throws {RookeryError} USAGE */
export function pruneRecipe({ channels, speed, weights, threads }: PruneFlags): Recipe {
  if ([channels, speed, weights].filter((each) => each !== undefined).length !== 1)
    throw new RookeryError('USAGE', { detail: 'one of --channels, --speed and --weights says what is to go' });
  if (weights !== undefined) return weightsRecipe(patternOf(weights));
  return speed === undefined
    ? channelsRecipe(share('--channels', channels))
    : speedRecipe(speedOf(speed), parseFlag('--threads', integer(1, 256), threads));
}

const channelsRecipe = (wanted: number): Recipe => ({
  variant: 'pruned',
  title: 'pruned channels',
  calibrates: true,
  async change(graph, pictures, { sessionConfig, signal, tell }) {
    const made = await pruneChannels(graph, pictures, { share: wanted, signal, tell });
    return { graph: made.graph, sessionConfig, facts: channelFacts(made) };
  },
});

const speedRecipe = (speed: number, threads: number | undefined): Recipe => ({
  variant: 'pruned',
  title: 'pruned to a speed',
  calibrates: true,
  async change(graph, pictures, { sessionConfig, signal, tell }) {
    const made = await pruneToSpeed(graph, pictures, { speed, threads, sessionConfig, signal, tell });
    return {
      graph: made.graph,
      sessionConfig,
      facts: {
        'speed asked for': `${speed} times at batch ${speedBatch}; ${made.ratio.toFixed(2)} when it was chosen`,
        ...channelFacts(made),
        tried: made.tried.map(({ share: part, ratio }) => `${percent(part)} ${ratio.toFixed(2)}`).join(', '),
      },
    };
  },
});

function channelFacts({ channels: { removed, of }, multiplications: { before, after }, layers }: PrunedGraph) {
  const changed = layers.filter((layer) => layer.left < layer.of);
  return {
    channels: `${removed} of ${of} removed`,
    multiplications: `${percent(1 - after / before)} fewer in layers that can lose channels`,
    layers: changed.map(({ layer, left, of: there }) => `${layer} ${left} of ${there}`).join(', '),
  };
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (speed > 1 && speed <= 10) return speed;
  throw new RookeryError('USAGE', { detail: `--speed: got "${text}", allowed: a number over 1, at most 10` });
}

const weightsRecipe = (pattern: WeightPattern): Recipe => ({
  variant: pattern === '2:4' ? 'sparse-2-4' : 'sparse',
  title: pattern === '2:4' ? 'two of four weights' : 'sparse weights',
  calibrates: false,
  async change(graph, _pictures, { sessionConfig }) {
    const { graph: made, zeros, weights } = pruneWeights(graph, pattern);
    return { graph: made, sessionConfig, facts: { weights: `${percent(zeros / weights)} of ${weights} are 0` } };
  },
});

const patternOf = (text: string): WeightPattern => (text === '2:4' ? text : share('--weights', text, ', or 2:4'));

function share(flag: string, text = '', others = ''): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value < 1) return value;
  throw new RookeryError('USAGE', { detail: `${flag}: got "${text}", allowed: a number between 0 and 1${others}` });
}
