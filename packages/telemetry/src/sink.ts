/** Where lines go. Writing never throws and never waits. */
export interface Sink {
  write(line: string): void;
  /** Writes what is still held before it returns: for the end of the process. */
  flushSync(): void;
  /** Resolves once everything is written, or can't be. */
  close(): Promise<void>;
}

/** A sink into what somebody else owns, such as a stream. What it throws is nobody's business here. */
export function writerSink(writer: { write(line: string): unknown }): Sink {
  return {
    write(line) {
      try {
        writer.write(line);
      } catch {
        // Logging never hurts whoever logs, and there is nowhere left to say it.
      }
    },
    flushSync: () => {},
    close: async () => {},
  };
}
