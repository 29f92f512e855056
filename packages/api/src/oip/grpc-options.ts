/** Where the Open Inference Protocol is answered over gRPC. */
export interface GrpcOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Told `127.0.0.1:5001` once it listens. */
  readonly onListening?: ((address: string) => void) | undefined;
  /** Ends calls in progress. */
  readonly kill?: AbortSignal | undefined;
}
