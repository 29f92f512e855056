import { Readable } from 'node:stream';

export interface EventStreamOptions {
  /** A comment after so long without an event, so that proxies and clients know that it is alive. */
  readonly heartbeatMs: number;
  /** The stream is ended after so long; the client connects again. */
  readonly lifeMs: number;
  /** How long a client is to wait before it connects again. */
  readonly retryMs: number;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Asked before everything that is sent: whoever may not hear it any more loses the stream. */
  readonly mayHear: () => boolean;
  /** The stream has ended, however. */
  readonly onClose: () => void;
}

export interface ServerEvent {
  readonly event: string;
  /** For `Last-Event-ID`. */
  readonly id: string;
  readonly data: string;
}

/** Encoded by WHATWG HTML, section 9.2. Data without line breaks: JSON. */
const encode = ({ event, id, data }: ServerEvent): string => `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;

/**
 * Server-sent events for one client. A client that reads more slowly than things happen misses what lies between, never the last state:
 * an event is made when there is room for it. One that does not read at all for two heartbeats loses its stream.
 */
export class EventStream {
  readonly body: Readable;
  readonly #heart: NodeJS.Timeout;
  readonly #mayHear: () => boolean;
  #room = true;
  #next: (() => ServerEvent | undefined) | undefined;
  #ending = false;
  #beatsWithoutRoom = 0;

  constructor({ heartbeatMs, lifeMs, retryMs, signal, mayHear, onClose }: EventStreamOptions) {
    this.#mayHear = mayHear;
    this.body = new Readable({ highWaterMark: 16_384, read: () => this.#read() });
    this.#write(`retry: ${retryMs}\n\n`);
    this.#heart = setInterval(() => this.#beat(), heartbeatMs).unref();
    const life = setTimeout(() => this.end(), lifeMs).unref();
    const end = (): void => this.end();
    signal.addEventListener('abort', end, { once: true });
    this.body.once('close', () => {
      clearInterval(this.#heart);
      clearTimeout(life);
      signal.removeEventListener('abort', end);
      onClose();
    });
    if (signal.aborted) this.end();
  }

  /** Sends what `make` gives, now or when there is room; a later offer takes the place of one that still waits. */
  offer(make: () => ServerEvent | undefined): void {
    this.#next = make;
    if (this.#room) this.#flush();
  }

  /** After what was offered last. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (this.#next === undefined) this.body.push(null);
  }

  #read(): void {
    this.#room = true;
    this.#beatsWithoutRoom = 0;
    this.#flush();
  }

  #flush(): void {
    if (this.body.destroyed) return;
    if (!this.#mayHear()) {
      this.#dismiss();
      return;
    }
    const event = this.#next?.();
    this.#next = undefined;
    if (event) this.#write(encode(event));
    if (this.#ending) this.body.push(null);
  }

  #write(text: string): void {
    this.#room = this.body.push(text);
    if (this.#room) this.#heart?.refresh();
  }

  #dismiss(): void {
    this.#next = undefined;
    this.end();
  }

  #beat(): void {
    if (!this.#mayHear()) this.#dismiss();
    else if (this.#room) this.#write(': still here\n\n');
    else if (++this.#beatsWithoutRoom >= 2) this.body.destroy();
  }
}
