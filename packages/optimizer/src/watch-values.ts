import type { Tensor } from 'onnxruntime-node';
import { encodeModel } from './onnx/codec.ts';
import type { ModelMessage } from './onnx/messages.ts';
import { feedOf, type Sample } from './sample.ts';
import { openSession } from './session.ts';

/** Runs a model with values of its inside as outputs, and hands over each picture's. */
export async function eachPicture(
  { graph, ...model }: ModelMessage,
  names: readonly string[],
  sample: Sample,
  signal: AbortSignal | undefined,
  take: (name: string, value: Tensor, data: Float32Array) => void,
): Promise<void> {
  const known = new Set(graph.output.map(({ name }) => name));
  const extra = names.filter((name) => !known.has(name)).map((name) => ({ name }));
  const watched = encodeModel({ ...model, graph: { ...graph, output: [...graph.output, ...extra] } });
  await using session = await openSession(watched);
  for (let n = 0; n < sample.count; n += 1) {
    signal?.throwIfAborted();
    const values = await session.run({ [session.inputs[0] ?? '']: await feedOf(sample, n, 1) });
    for (const name of names) {
      const value = values[name];
      if (value?.data instanceof Float32Array) take(name, value, value.data);
    }
  }
}
