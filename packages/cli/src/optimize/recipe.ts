import type { Runnable, Sample } from '@rookery/optimizer';

/** One way to change a serving graph. */
export interface Recipe {
  /** The variant that comes out, where nobody names it. */
  readonly variant: string;
  /** Heads the report: `int8`, `half precision`. */
  readonly title: string;
  /** Whether pictures decide how the graph is changed. */
  readonly calibrates: boolean;
  change(graph: Uint8Array, pictures: Sample, tools: RecipeTools): Promise<Changed>;
}

export interface RecipeTools {
  /** Of the graph as it is. */
  readonly sessionConfig?: Runnable['sessionConfig'];
  readonly signal: AbortSignal;
  /** Says what goes on, for people who wait. */
  readonly tell: (text: string) => void;
}

export interface Changed extends Runnable {
  /** What was done, for the report: a name and a value each. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Whose layers have the values that those of `graph` stand for, where it is not the graph that was changed. */
  readonly layerReference?: Uint8Array | undefined;
  /** Shares of pictures that were to keep their label, and that did among those it was made with. */
  readonly asked?: { readonly wanted: number; readonly reached: number } | undefined;
}
