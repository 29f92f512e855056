import { availableParallelism } from 'node:os';
import { asClassifier } from '../as-classifier.ts';
import { encodeModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { openSession, tensor } from '../session.ts';

/** What this machine does at best, measured by the engine that runs models: the roof of what any operator may reach. */
export interface MachineRoof {
  readonly threads: number;
  /** Products of matrices that lie in the cache, additions and multiplications a second. */
  readonly float32PerSecond: number;
  /** The same with bytes. */
  readonly int8PerSecond: number;
  /** Bytes a second, read and written, of sums of vectors: of what fits into the cache, and of what does not. */
  readonly cacheBytesPerSecond: number;
  readonly memoryBytesPerSecond: number;
}

/** What an operator reads and writes, at most, to be measured by the cache: a batch's values are still there from the operator before. */
const cacheBytes = 16 * 1024 * 1024;

/** How fast so many bytes go in and out at best. */
export const bytesPerSecond = (roof: MachineRoof, bytes: number): number =>
  bytes <= cacheBytes ? roof.cacheBytesPerSecond : roof.memoryBytesPerSecond;

/** Side of the square matrices: three of them in float32 are 3 MB. */
const side = 512;
/** Of each of three vectors: 12 MB in all, and 192 MB. */
const shortVector = 1024 * 1024;
const longVector = 16 * shortVector;
/** Bytes of a value in each of them. */
const bytesAValue = 12;

/** Takes about `seconds`. */
export async function measureRoof({
  threads = availableParallelism(),
  seconds = 3,
  signal,
}: {
  readonly threads?: number | undefined;
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
} = {}): Promise<MachineRoof> {
  const each = { threads, seconds: seconds / 4, signal };
  const operations = 2 * side ** 3;
  const square = [side, side];
  const floats = new Float32Array(side * side).fill(1.5);
  const sumOf = async (length: number): Promise<number> => {
    const vector = await tensor('float32', new Float32Array(length).fill(1.5), [length]);
    return bytesAValue * length * (await fastest(vectorSum(length), vector, each));
  };
  return {
    threads,
    float32PerSecond: operations * (await fastest(floatProduct(), await tensor('float32', floats, square), each)),
    int8PerSecond:
      operations *
      (await fastest(byteProduct(), await tensor('uint8', new Uint8Array(side * side).fill(3), square), each)),
    cacheBytesPerSecond: await sumOf(shortVector),
    memoryBytesPerSecond: await sumOf(longVector),
  };
}

function floatProduct(): Uint8Array {
  const graph = new GraphBuilder('product', 13);
  const right = graph.floats('right', [side, side], new Float32Array(side * side).fill(0.5));
  const product = graph.node('MatMul', [graph.input('x', 'float32', [side, side]), right]);
  graph.output(product, 'float32', [side, side]);
  return encodeModel(graph.model());
}

function byteProduct(): Uint8Array {
  const graph = new GraphBuilder('product', 13);
  const rawData = new Uint8Array(side * side).fill(2);
  const right = graph.tensor({ name: 'right', dims: [side, side], dataType: DataType.int8, rawData });
  const product = graph.node('MatMulInteger', [graph.input('x', 'uint8', [side, side]), right]);
  graph.output(product, 'int32', [side, side]);
  return encodeModel(graph.model());
}

function vectorSum(length: number): Uint8Array {
  const graph = new GraphBuilder('sum', 13);
  const x = graph.input('x', 'float32', [length]);
  // Not of a vector with itself, which would be read once.
  const sum = graph.node('Add', [x, graph.floats('other', [length], new Float32Array(length).fill(0.25))]);
  // The sum stays with the engine, in memory that it uses again: as an output it would be new memory each time.
  const first = graph.node('Slice', [sum, graph.ints('from', [1], [0]), graph.ints('to', [1], [1])]);
  graph.output(first, 'float32', [1]);
  return encodeModel(graph.model());
}

/** Runs a second of the fastest run: a roof is what the machine can do, not what it does while others use it. */
async function fastest(
  graph: Uint8Array,
  x: Awaited<ReturnType<typeof tensor>>,
  { threads, seconds, signal }: { threads: number; seconds: number; signal: AbortSignal | undefined },
): Promise<number> {
  await using session = await openSession(graph, { threads, config: asClassifier });
  const until = performance.now() + seconds * 1000;
  let best = Number.POSITIVE_INFINITY;
  while (performance.now() < until || best === Number.POSITIVE_INFINITY) {
    signal?.throwIfAborted();
    const begun = performance.now();
    await session.run({ x });
    best = Math.min(best, performance.now() - begun);
  }
  return 1000 / best;
}
