import type { ResultLine } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import { Budget } from '../budget.ts';
import type { Bucket } from './fetcher.ts';

/** S3 allows 256 characters in a tag's value, of these kinds. */
const asTagValue = (label: string): string =>
  label
    .replace(/[^\p{L}\p{N} +\-=._:/@]/gu, '_')
    .slice(0, 256)
    .trim();

/** Writes the top label as tags of the picture's object. A convenience: what fails is logged, and the label stays where it is. */
export class Tagger {
  readonly #log: Logger;
  readonly #places = new Budget(16);

  constructor(log: Logger) {
    this.#log = log;
  }

  async tag(lines: readonly ResultLine[], { store }: Bucket, signal: AbortSignal): Promise<void> {
    await Promise.all(
      lines.map(async ({ key, predictions: [first] }) => {
        if (first === undefined) return;
        try {
          using _place = await this.#places.acquire(1, signal);
          const tags = { 'rookery-label': asTagValue(first.label), 'rookery-score': first.score.toFixed(6) };
          await store.tag(key, tags, signal);
        } catch (err) {
          if (!signal.aborted) this.#log.warn({ err, key }, 'could not tag the picture');
        }
      }),
    );
  }
}
