import type { Digest } from '@rookery/contracts';
import type { Outcome } from '../picture.ts';

/** The model as results name it. `digest` is the pin's: equal ones give equal scores. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
  readonly variant: string;
}

/** One way to write results. Streams: each call gives the text that is to be written next. */
export interface Format {
  begin(model: ModelInfo): string;
  picture(outcome: Outcome): string;
  /** @param timings What varies from run to run; nothing else in the results may. */
  end(timings: Readonly<Record<string, unknown>>): string;
}
