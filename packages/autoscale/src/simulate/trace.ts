import { RookeryError, withoutMark } from '@rookery/contracts';

/** Pictures that come at a moment. */
export interface Arrival {
  readonly atMs: number;
  readonly pictures: number;
}

export const traceNames = ['burst', 'diurnal', 'million', 'leak'] as const;
export type TraceName = (typeof traceNames)[number];

const minuteMs = 60_000;

const traces: Readonly<Record<TraceName, () => Generator<Arrival>>> = {
  /** Nothing, then 20,000 pictures at once, four times in two hours. */
  *burst() {
    for (let at = 0; at < 4; at++) yield { atMs: (5 + at * 30) * minuteMs, pictures: 20_000 };
  },
  /** A day: 2,000 pictures a minute at noon, next to none at night. */
  *diurnal() {
    for (let minute = 0; minute < 1_440; minute++) {
      const pictures = Math.round(1_000 * (1 - Math.cos((2 * Math.PI * minute) / 1_440)));
      if (pictures > 0) yield { atMs: minute * minuteMs, pictures };
    }
  },
  /** A job of a million pictures. */
  *million() {
    yield { atMs: 0, pictures: 1_000_000 };
  },
  /** Ten pictures every ten seconds, for three hours. */
  *leak() {
    for (let at = 0; at < 1_080; at++) yield { atMs: at * 10_000, pictures: 10 };
  },
};

const longestMs = 366 * 86_400_000;

/** A named trace, or one read from a file: JSON lines of `{"atMs": ..., "pictures": ...}`, in the order of time, within a year of its beginning. */
export function arrivalsOf(trace: TraceName | { readonly lines: string }): Arrival[] {
  if (typeof trace === 'string') return [...traces[trace]()];
  let lastMs = 0;
  return withoutMark(trace.lines)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at) => {
      const { atMs, pictures } = parsed(line, at) as Partial<Arrival>;
      const isMoment = typeof atMs === 'number' && atMs >= lastMs && Number.isFinite(atMs);
      if (!isMoment || !Number.isInteger(pictures) || (pictures as number) < 1) throw malformed(at);
      if (atMs > longestMs)
        throw new RookeryError('USAGE', {
          detail: `line ${at + 1} of the trace is more than a year after its beginning: atMs counts from 0, not from 1970`,
        });
      lastMs = atMs;
      return { atMs, pictures: pictures as number };
    });
}

function parsed(line: string, at: number): object {
  try {
    return Object(JSON.parse(line)) as object;
  } catch {
    throw malformed(at);
  }
}

const malformed = (at: number): RookeryError =>
  new RookeryError('USAGE', {
    detail: `line ${at + 1} of the trace is no {"atMs": ..., "pictures": ...} after the one before`,
  });
