import type { GraphSource } from '@rookery/contracts';
import { RookeryError } from '@rookery/contracts';
import { env, InferenceSession } from 'onnxruntime-node';
import { compute } from './thread-state.ts';

/**
 * The engine shares the cores with the decoders. By default its threads wait for each other actively, for a millisecond: a third of the
 * processor time of both. 20 µs bridge the gaps between a graph's operators, and after a run nobody waits actively. Work is dealt out in
 * smaller and smaller pieces, so that a thread that lost its core to a decoder does not keep the others waiting. Not one bit of a result
 * depends on these.
 */
const sharesTheCores = {
  'session.force_spinning_stop': '1',
  'session.intra_op.spin_duration_us': '20',
  'session.dynamic_block_base': '2',
};

/**
 * Without VNNI (AVX2 alone) the runtime's fastest kernel for int8 lets sums of two products overflow: other numbers than on other
 * processors, and now and then another label. The exact kernel is somewhat slower there, and changes nothing with VNNI.
 */
const exactSums = { 'session.x64quantprecision': '1' };

interface SessionSettings {
  readonly threads: number;
  readonly device?: 'cpu' | number;
  /** On a device: TensorRT, and CUDA for what it does not run. */
  readonly tensorrt?: boolean;
  readonly enableMemPattern?: boolean;
  /** Default: all. */
  readonly optimisation?: 'basic' | 'all';
  /** By ONNX Runtime's names, such as `session.disable_quant_qdq`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Errors are thrown; what the runtime logs would go to stderr. Takes effect before the process' first session. */
export const quietRuntime = (): void => {
  env.logLevel = 'fatal';
};

/** Creates a session in a thread. @throws {RookeryError} MODEL_INVALID, DEVICE_UNAVAILABLE, ABORTED where the thread has to stop. */
export async function createSession(
  state: Int32Array<SharedArrayBuffer>,
  graph: GraphSource,
  {
    threads,
    device = 'cpu',
    tensorrt = false,
    config = {},
    enableMemPattern = true,
    optimisation = 'all',
  }: SessionSettings,
): Promise<InferenceSession> {
  quietRuntime();
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern,
    graphOptimizationLevel: optimisation,
    executionMode: 'sequential',
    logSeverityLevel: 4,
    executionProviders: device === 'cpu' ? ['cpu'] : providersOf(device, tensorrt),
    extra: nested({ ...(device === 'cpu' && { ...sharesTheCores, ...exactSums }), ...config }),
  };
  let session: InferenceSession | undefined;
  try {
    session = await compute(state, () =>
      'path' in graph ? InferenceSession.create(graph.path, options) : InferenceSession.create(graph.bytes, options),
    );
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const ofDevice = device !== 'cpu' && /cuda|tensorrt|provider|backend|library|device|driver/i.test(detail);
    throw new RookeryError(ofDevice ? 'DEVICE_UNAVAILABLE' : 'MODEL_INVALID', { detail, cause });
  }
  if (!session) throw new RookeryError('ABORTED');
  return session;
}

/** In the order in which they are asked for each operator. */
export const providersOf = (deviceId: number, tensorrt: boolean): readonly { name: string; deviceId: number }[] =>
  (tensorrt ? ['tensorrt', 'cuda'] : ['cuda']).map((name) => ({ name, deviceId }));

/** `{ 'session.disable_quant_qdq': '1' }` as the binding wants it: `{ session: { disable_quant_qdq: '1' } }`. */
function nested(config: Readonly<Record<string, string>>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(config)) {
    const parts = path.split('.');
    const last = parts.pop() as string;
    let at = root;
    for (const part of parts) {
      const inner = (at[part] ?? {}) as Record<string, unknown>;
      at[part] = inner;
      at = inner;
    }
    at[last] = value;
  }
  return root;
}
