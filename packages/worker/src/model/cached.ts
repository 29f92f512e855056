/**
 * Remembers an answer for a while, for at most so many keys; those who ask at the same time share one question. A failure is not
 * remembered.
 */
export class Cached<T> {
  readonly #ask: (key: string, signal: AbortSignal) => Promise<T>;
  readonly #options: { readonly forMs: number; readonly keys: number };
  readonly #answers = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();

  constructor(
    ask: (key: string, signal: AbortSignal) => Promise<T>,
    options: { readonly forMs: number; readonly keys: number },
  ) {
    this.#ask = ask;
    this.#options = options;
  }

  get(key: string, signal: AbortSignal): Promise<T> {
    const known = this.#answers.get(key);
    if (known && performance.now() - known.at < this.#options.forMs) return known.answer;
    const answer = this.#ask(key, signal);
    // The oldest goes first.
    this.#answers.delete(key);
    this.#answers.set(key, { at: performance.now(), answer });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#options.keys && oldest !== undefined) this.#answers.delete(oldest);
    answer.catch(() => {
      if (this.#answers.get(key)?.answer === answer) this.#answers.delete(key);
    });
    return answer;
  }
}
