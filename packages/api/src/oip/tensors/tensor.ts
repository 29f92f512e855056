import type { Datatype, Values } from './datatypes.ts';

/** Of a request, an input or an output. What nobody knows is ignored, as the protocol wants it. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A tensor as it came, in whichever form. */
export interface InputTensor {
  readonly name: string;
  /** As named by the client. */
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters: Parameters;
  /** Its values. @throws {RookeryError} REQUEST_INVALID where they are not `count` of this datatype. */
  values<D extends Datatype>(datatype: D, count: number): Values[D];
}

export interface RequestedOutput {
  readonly name: string;
  readonly parameters: Parameters;
}

/** A request for inference, whether it came over HTTP or gRPC. */
export interface InferenceRequest {
  /** Echoed; empty for none. */
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InputTensor[];
  /** Empty: all there are. */
  readonly outputs: readonly RequestedOutput[];
}

/** A tensor that goes out. */
export type OutputTensor = {
  [D in Datatype]: {
    readonly name: string;
    readonly shape: readonly number[];
    readonly datatype: D;
    readonly values: Values[D];
  };
}[Datatype];

export interface InferenceResult {
  readonly id: string;
  readonly modelName: string;
  readonly modelVersion: string;
  /** In the order in which they were asked for. */
  readonly outputs: readonly OutputTensor[];
}
