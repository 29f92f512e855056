import type { ExplainGraphs } from '@rookery/contracts';
import { RookeryError } from '@rookery/contracts';
import { normalised } from '../../explain/heat.ts';
import type { EngineData, ExplainedAnswer } from '../../messages.ts';
import type { Engine } from '../engine.ts';
import { type AskedMaps, GradCam } from './grad-cam.ts';
import { rise } from './rise.ts';

/** A map has a place in the picture only from so many cells on. */
const leastCells = 4;

interface ExplainedBatch {
  readonly scores: Float32Array;
  /** Whether each picture takes so long that its answer had better not wait for the others'. */
  readonly isSlow: boolean;
  /** Maps of these pictures of the batch, in their order. */
  explain(asked: readonly AskedMaps[]): Promise<ExplainedAnswer[]>;
}

/** Runs batches of which some pictures are to be explained. Nothing is loaded before the first of them. */
export class Explainer {
  #gradCam: Promise<GradCam | undefined> | undefined;
  readonly #graphs: Promise<ExplainGraphs | undefined>;
  #given!: (graphs: ExplainGraphs | undefined) => void;

  constructor(
    private readonly data: EngineData,
    private readonly alive: () => void,
  ) {
    this.#graphs = new Promise((resolve) => {
      this.#given = resolve;
    });
  }

  /** The graphs of the model come once, before its first picture that is to be explained; none where it has no known head. */
  give(graphs: ExplainGraphs | undefined): void {
    this.#given(graphs);
  }

  /** Scores of the first `count` places, which are those of `engine.run`, and what explains them. */
  async run(engine: Engine, count: number, threads: number): Promise<ExplainedBatch> {
    this.#gradCam ??= this.#load(threads);
    const gradCam = await this.#gradCam;
    const { batch } = engine;
    if (!gradCam || batch instanceof Int32Array) return this.#byMasks(engine, count);
    const rows = engine.pad(count);
    const { scores, features } = await gradCam.run(batch, rows);
    if (features.rows * features.columns < leastCells) return this.#byMasks(engine, count);
    return {
      isSlow: false,
      // Whatever else runs the model, its own numbers count.
      scores: this.data.found.engine === 'onnx' ? scores : (await engine.run(count)).slice(),
      explain: async (asked) => {
        const { rows, columns } = features;
        const maps = new Map<AskedMaps, Float32Array>();
        for (const alike of byCount(asked)) {
          const found = await gradCam.mapsOf(features, alike);
          for (const [n, each] of alike.entries()) maps.set(each, found[n] as Float32Array);
        }
        return asked.map((each) => {
          const own = perClass(maps.get(each) as Float32Array, each.classes);
          return { method: 'grad-cam', rows, columns, maps: own, error: 0 };
        });
      },
    };
  }

  async #byMasks(engine: Engine, count: number): Promise<ExplainedBatch> {
    // The masked pictures take the place of the batch.
    const kept = Array.from({ length: count }, (_, place) => engine.read(place));
    const scores = (await engine.run(count)).slice();
    const { width, height } = this.data.model.preprocessing;
    return {
      isSlow: true,
      scores,
      explain: async (asked) => {
        const answers: ExplainedAnswer[] = [];
        for (const { place, classes } of asked) {
          const pixels = kept[place] as Uint8Array | Float32Array;
          const { maps, ...rest } = await rise(
            engine,
            { pixels, width, height, classes },
            { batch: engine.capacity, alive: this.alive },
          );
          answers.push({ method: 'rise', ...rest, maps: perClass(maps, classes) });
        }
        return answers;
      },
    };
  }

  async #load(threads: number): Promise<GradCam | undefined> {
    const graphs = await this.#graphs;
    if (!graphs) return undefined;
    try {
      return await GradCam.load(this.data, graphs, threads);
    } catch (thrown) {
      if (thrown instanceof RookeryError && thrown.code === 'ABORTED') throw thrown;
      // Such as weights of a type that the gradient cannot be computed with: masks need nothing but the model.
      return undefined;
    }
  }
}

/** Those with the same number of classes together: only they can be computed in one run without changing a bit of each other's maps. */
function byCount(asked: readonly AskedMaps[]): AskedMaps[][] {
  const groups = new Map<number, AskedMaps[]>();
  for (const each of asked) groups.set(each.classes.length, [...(groups.get(each.classes.length) ?? []), each]);
  return [...groups.values()];
}

function perClass(maps: Float32Array, classes: readonly number[]): Float32Array[] {
  const length = maps.length / classes.length;
  return classes.map((_, n) => normalised(maps.subarray(n * length, (n + 1) * length)));
}
