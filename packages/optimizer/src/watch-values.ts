import { availableParallelism } from 'node:os';
import type { Tensor } from 'onnxruntime-node';
import { encodeModel } from './onnx/codec.ts';
import type { ModelMessage } from './onnx/messages.ts';
import { feedOf, type Sample } from './sample.ts';
import { openSession } from './session.ts';

/** A graph whose inside can be looked at, picture by picture. */
export interface WatchedGraph extends AsyncDisposable {
  /** The named values with one picture; those that are not float32 are left out. */
  look(
    picture: number,
  ): Promise<ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>>;
}

/** Opens a model with values of its inside as outputs. */
export async function watchGraph(
  { graph, ...model }: ModelMessage,
  names: readonly string[],
  sample: Sample,
): Promise<WatchedGraph> {
  const known = new Set(graph.output.map(({ name }) => name));
  const extra = names.filter((name) => !known.has(name)).map((name) => ({ name }));
  const watched = encodeModel({ ...model, graph: { ...graph, output: [...graph.output, ...extra] } });
  const session = await openSession(watched, { threads: availableParallelism() });
  return {
    async look(picture) {
      const values = await session.run({ [session.inputs[0] ?? '']: await feedOf(sample, picture, 1) });
      return new Map(
        names.flatMap((name) => {
          const { dims, data } = values[name] ?? ({} as Partial<Tensor>);
          return dims && data instanceof Float32Array ? [[name, { dims, data }] as const] : [];
        }),
      );
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** Runs a model with values of its inside as outputs, and hands over each picture's. */
export async function eachPicture(
  model: ModelMessage,
  names: readonly string[],
  sample: Sample,
  signal: AbortSignal | undefined,
  take: (name: string, value: { readonly dims: readonly number[] }, data: Float32Array, picture: number) => void,
): Promise<void> {
  await using watched = await watchGraph(model, names, sample);
  for (let n = 0; n < sample.count; n += 1) {
    signal?.throwIfAborted();
    for (const [name, value] of await watched.look(n)) take(name, value, value.data, n);
  }
}
