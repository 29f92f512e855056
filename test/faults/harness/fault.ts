/** A call of the process' own at which something happens to it. */
export interface FaultCall {
  /**
   * - `link`, `rename`, `unlink`, `create`: a file of a store that is put if absent, put, deleted; begun to be written;
   * - `open`, `close`: a file that is read;
   * - `ask`: a file that is looked for;
   * - `send`: bytes to a server that hold a text;
   * - `answers`: a batch that the engine has answered.
   */
  readonly call: 'link' | 'rename' | 'unlink' | 'create' | 'open' | 'close' | 'ask' | 'send' | 'answers';
  /** Of the path, or in the bytes: a regular expression. */
  readonly match?: string;
  readonly when: 'before' | 'after';
  /** The first, or the how manieth. */
  readonly nth?: number;
}

/** What happens to a process of the fleet. Plain data: it travels in the environment, to `preload.mjs`. */
export interface Fault {
  /** SIGKILL. */
  readonly killAt?: FaultCall;
  /** SHA-256 of pictures that end the process when they are to be decoded, as one that breaks the decoder. */
  readonly crashOver?: readonly string[];
  /** The clock of the day jumps, later once more. */
  readonly clock?: readonly { readonly afterMs: number; readonly byMs: number }[];
}
