import { colours } from './colours.ts';
import { barOf, fitLine } from './fit-line.ts';
import type { Output } from './output.ts';

export interface ProgressState {
  readonly done: number;
  /** Unknown while sources are still being found. */
  readonly total?: number | undefined;
  readonly failed: number;
}

/** Milliseconds between two drawings. */
const interval = 100;

/** One line at the bottom of a terminal: `[=====>    ] 120/500  83/s  5 s left  2 failed`. Draws nothing where stderr is not a terminal. */
export class Progress {
  readonly #started = performance.now();
  /** Whether anybody sees it. */
  readonly shown: boolean;
  #drawnAt = 0;
  #drawn = false;

  constructor(
    private readonly output: Output,
    private readonly options: { readonly quiet: boolean; readonly colour: boolean; readonly what: string },
  ) {
    this.shown = output.isTTY && !options.quiet;
  }

  update(state: ProgressState): void {
    const now = performance.now();
    if (!this.shown || now - this.#drawnAt < interval) return;
    this.#drawnAt = now;
    this.#drawn = true;
    const line = progressLine(state, now - this.#started, { ...this.options, columns: this.output.columns });
    void this.output.write(`\r\u001b[2K${line}`);
  }

  /** Takes the line away, for other text or at the end. */
  clear(): void {
    if (this.#drawn) void this.output.write('\r\u001b[2K');
    this.#drawn = false;
    this.#drawnAt = 0;
  }
}

interface ProgressLineOptions {
  readonly colour: boolean;
  readonly what: string;
  /** Of the terminal: a line that is wrapped cannot be taken away again. */
  readonly columns?: number;
}

export function progressLine(
  { done, total, failed }: ProgressState,
  elapsedMs: number,
  { colour, what, columns = Number.POSITIVE_INFINITY }: ProgressLineOptions,
): string {
  const paint = colours(colour);
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const isKnown = total !== undefined && total >= done;
  const parts = [isKnown ? `${done}/${total}` : `${done} ${what}`];
  parts.push(`${rate < 10 ? rate.toFixed(1) : rate.toFixed(0)}/s`);
  if (total !== undefined && rate > 0 && done < total) parts.push(`${duration((total - done) / rate)} left`);
  if (failed > 0) parts.push(paint.red(`${failed} failed`));
  const bar = isKnown ? barOf(total === 0 ? 1 : done / total, paint) : undefined;
  return fitLine(bar, parts, columns);
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
