/** A server that takes log lines over HTTP. */
export interface RemoteLogOptions {
  /** `loki`: its push interface. `otlp`: OpenTelemetry's logs over HTTP, as JSON. */
  readonly protocol: 'loki' | 'otlp';
  /** The whole address that lines are posted to. A user and a password in it become an authorization header. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Held until the server has taken it; what does not fit is dropped and counted. Bytes; 4 MiB where nothing is said. */
  readonly maxHeldBytes?: number | undefined;
  /** How long the server may take for an answer. 10 s where nothing is said. */
  readonly timeoutMs?: number | undefined;
  /** How long the end of the program waits for the server. 2 s where nothing is said. */
  readonly closeMs?: number | undefined;
}

/** Told to the thread: lines of one turn, together, or that no more will come. */
export type ToThread = { readonly lines: readonly string[] } | { readonly end: true };

/** Told by the thread: what it is done with, or that the server went away. */
export type FromThread =
  | { readonly done: { readonly sizeBytes: number; readonly sent: number; readonly refused: number } }
  | { readonly down: string }
  | { readonly ended: true };
