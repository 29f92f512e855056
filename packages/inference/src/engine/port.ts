import type { ServingModel } from '@rookery/contracts';

/** What runs models. `tensorrt` is ONNX Runtime with TensorRT's provider. */
export type EngineName = 'onnx' | 'tensorrt' | 'tensorflow' | 'openvino';

/** An engine of this machine, found without loading it. Plain data: it is posted to the engine's thread. */
export interface EngineFound {
  readonly engine: EngineName;
  /** As pins name it: `onnxruntime`, `onnxruntime-tensorrt`, `tensorflow`, `tensorflow.js-wasm`, `openvino`. */
  readonly name: string;
  /** Of the library that computes. */
  readonly version: string;
  /** From whose `node_modules` its packages come; none for what is part of this package. */
  readonly folder?: string | undefined;
}

export interface EngineSettings {
  readonly found: EngineFound;
  readonly threads: number;
  readonly device: 'cpu' | number;
  /** Pictures in a batch, at most. */
  readonly rows: number;
  /** Shared with whoever started the thread; see `thread-state.ts`. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** A loaded model. It lives in one thread, blocks it while it computes, and runs one batch at a time. */
export interface EngineSession {
  /** What it computes on, as far as the library says. */
  readonly device: string;
  /** Rows of height x width x 3 RGB values from 0 to 255, to be written before `run`: memory of the engine's own, of its element type. */
  readonly batch: Uint8Array | Float32Array | Int32Array;
  /**
   * Scores of the first `rows` pictures, one after the other: rows x classes, valid until the next run.
   * @throws {RookeryError} ABORTED where the thread has to stop, ENGINE_FAILED, MODEL_INVALID.
   */
  run(rows: number): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Loads a model into an engine. @throws {RookeryError} MODEL_INVALID, ENGINE_UNAVAILABLE, DEVICE_UNAVAILABLE, ABORTED. */
export type LoadEngine = (model: ServingModel, settings: EngineSettings) => Promise<EngineSession>;
