import { RookeryError } from '@rookery/contracts';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * ONNX Runtime is loaded when it is first needed, and reports to nobody. Errors are thrown; what it logs, such as initializers that it removes,
 * would go to stderr. That takes effect before the process' first session.
 */
const runtime = async () => {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  const loaded = await import('onnxruntime-node');
  loaded.env.logLevel = 'fatal';
  return loaded;
};

export interface SessionOptions {
  readonly threads?: number;
  readonly optimisation?: 'disabled' | 'basic' | 'all';
  /** Session options by their dotted names, as in a manifest. */
  readonly config?: Readonly<Record<string, string>>;
  /** Beginning of the file that the runtime's profiler writes, until `endProfiling`. */
  readonly profile?: string;
}

/** As the classifier's: products of bytes are added up exactly on processors without VNNI, too. */
const exactSums = { 'session.x64quantprecision': '1' };

/** A session with a life: `using` releases it. */
export interface Session extends AsyncDisposable {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  endProfiling(): void;
}

/** `{ 'session.disable_quant_qdq': '1' }` as ONNX Runtime wants it: `{ session: { disable_quant_qdq: '1' } }`. */
function nested(config: Readonly<Record<string, string>>): Record<string, Record<string, string>> {
  const result: Record<string, Record<string, string>> = {};
  for (const [name, value] of Object.entries(config)) {
    const [section = '', ...rest] = name.split('.');
    result[section] = { ...result[section], [rest.join('.')]: value };
  }
  return result;
}

/**
 * Opens a graph on the CPU.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED where an operator has no implementation, MODEL_INVALID for whatever else is wrong.
 */
export async function openSession(graph: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { InferenceSession } = await runtime();
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: options.threads ?? 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: options.optimisation ?? 'all',
      logSeverityLevel: 4,
      extra: nested({ ...exactSums, ...options.config }),
      ...(options.profile !== undefined && { enableProfiling: true, profileFilePrefix: options.profile }),
    });
  } catch (cause) {
    throw sessionError(cause);
  }
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    run: async (feeds) => {
      try {
        return await session.run({ ...feeds });
      } catch (cause) {
        throw sessionError(cause);
      }
    },
    endProfiling: () => session.endProfiling(),
    [Symbol.asyncDispose]: () => session.release(),
  };
}

function sessionError(cause: unknown): RookeryError {
  const detail = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]?.slice(0, 500) ?? '';
  const unsupported =
    /NOT_IMPLEMENTED|No Op registered|is not a registered function\/op|No opset import for domain/i.test(detail);
  return new RookeryError(unsupported ? 'MODEL_OPERATOR_UNSUPPORTED' : 'MODEL_INVALID', { detail, cause });
}

type TensorData = Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

/** A tensor for ONNX Runtime; the data must be of the type that is named. */
export async function tensor(
  type: 'float32' | 'float64' | 'uint8' | 'int8' | 'int32' | 'int64',
  data: TensorData,
  dims: readonly number[],
): Promise<Tensor> {
  const { Tensor } = await runtime();
  // The overloads want each type's own array; the constructor checks that it is.
  return new Tensor(type as 'float32', data as Float32Array, dims);
}
