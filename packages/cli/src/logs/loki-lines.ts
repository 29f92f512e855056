import { pause, RookeryError } from '@rookery/contracts';
import { logLevels } from '@rookery/telemetry';
import * as z from 'zod';
import type { LogFilter } from './log-filter.ts';
import { below } from './otlp-values.ts';
import { tenantHeader } from './remote-logs.ts';

export interface LokiOptions {
  readonly url: string;
  readonly tenant: string | undefined;
  readonly follow: boolean;
  /** Called when a followed Loki stops answering, and when it answers again. */
  readonly onTrouble: (trouble: RookeryError | undefined) => void;
  readonly signal: AbortSignal;
}

const pageLines = 1000;
const pollMs = 1_000;
/** Lines may reach Loki in a different order from that in which they were written, so following asks again for this much of the past. */
const overlapNs = 5_000_000_000n;

const answer = z.object({
  data: z.object({
    result: z.array(z.object({ values: z.array(z.tuple([z.string().regex(/^\d+$/), z.string()]).rest(z.unknown())) })),
  }),
});

/**
 * The lines of Loki that a filter lets through, in the order of their times. Once it has answered, following continues even if it goes down.
 * @throws {RookeryError} CONFIG_INVALID where it does not answer.
 */
export async function* lokiLines(filter: LogFilter, options: LokiOptions): AsyncIterable<string> {
  const { follow, onTrouble, signal } = options;
  let from = BigInt(filter.sinceMs ?? Date.now() - 3_600_000) * 1_000_000n;
  let seen = new Map<string, bigint>();
  let state: 'unknown' | 'well' | 'silent' = 'unknown';
  while (!signal.aborted) {
    const until = BigInt(filter.untilMs ?? Date.now() + 1) * 1_000_000n;
    let page: LokiLine[];
    try {
      page = from < until ? await query(filter, from, until, options) : [];
    } catch (error) {
      if (!follow || state === 'unknown' || !(error instanceof RookeryError)) throw error;
      if (state === 'well') onTrouble(error);
      state = 'silent';
      await pause(pollMs, signal);
      continue;
    }
    if (state === 'silent') onTrouble(undefined);
    state = 'well';
    const fresh = page.filter(({ at, line }) => !seen.has(`${at} ${line}`));
    for (const { at, line } of fresh) {
      seen.set(`${at} ${line}`, at);
      yield line;
    }
    const last = page.at(-1)?.at;
    const full = page.length === pageLines;
    // A page of one instant, all of it known: go past it.
    if (full && last !== undefined) from = fresh.length > 0 ? last : last + 1n;
    else if (!follow || filter.untilMs !== undefined) return;
    else {
      const back = until - overlapNs;
      if (back > from) from = back;
      await pause(pollMs, signal);
    }
    seen = new Map([...seen].filter(([, at]) => at >= from));
  }
}

interface LokiLine {
  readonly at: bigint;
  readonly line: string;
}

async function query(
  filter: LogFilter,
  from: bigint,
  until: bigint,
  { url, tenant, signal }: LokiOptions,
): Promise<LokiLine[]> {
  const target = new URL(below(url, 'loki/api/v1/query_range', '--loki'));
  const { username, password } = target;
  target.username = '';
  target.password = '';
  const authorization = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  );
  target.search = new URLSearchParams({
    query: logQl(filter),
    start: String(from),
    end: String(until),
    limit: String(pageLines),
    direction: 'forward',
  }).toString();
  const failed = (why: string, cause?: unknown) =>
    new RookeryError('CONFIG_INVALID', { detail: `Loki at ${target.origin}: ${why}`, cause });
  let text: string;
  try {
    const response = await fetch(target, {
      headers: { ...tenantHeader(tenant), ...(username && { authorization: `Basic ${authorization}` }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    });
    text = await response.text();
    if (!response.ok) throw failed(`status ${response.status} ${text.slice(0, 200)}`);
  } catch (error) {
    if (signal.aborted) return [];
    throw error instanceof RookeryError ? error : failed('no answer', error);
  }
  const parsed = answer.safeParse(json(text));
  if (!parsed.success) throw failed('its answer is not one of Loki');
  return parsed.data.data.result
    .flatMap(({ values }) => values.map(([at, line]) => ({ at: BigInt(at), line })))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The part of the filter that Loki can apply itself; fields of a line are compared here again, exactly. */
export function logQl({ level, service, job, key, grep }: LogFilter): string {
  const worse = level === undefined ? [] : logLevels.slice(logLevels.indexOf(level as (typeof logLevels)[number]), -1);
  const labels = [
    service === undefined ? 'service=~".+"' : `service=${JSON.stringify(service)}`,
    ...(worse.length > 0 ? [`level=~"${worse.join('|')}"`] : []),
  ];
  const texts = [job, key].filter((value) => value !== undefined).map((value) => JSON.stringify(value));
  const needles = grep === undefined ? texts : [...texts, grep];
  return `{${labels.join(',')}}${needles.map((needle) => ` |= ${JSON.stringify(needle)}`).join('')}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
