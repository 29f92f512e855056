import { ModelName, ModelVersion, pinDigest } from '@rookery/contracts';
import type { JobLedger } from '@rookery/jobs';
import { type Baseline, findBaseline } from '../baseline.ts';
import { compareWindows, type Measure, type MeasureName } from '../compare.ts';
import { DriftAlarm, type SliceReport } from '../drift-alarm.ts';
import type { DriftRules } from '../drift-rules.ts';
import { evaluateFeedback, type FeedbackReport } from '../feedback/evaluate-feedback.ts';
import { mergeWindows, type Window } from '../sketch/window.ts';
import { readWindows } from '../window-store.ts';
import type { MonitorReport } from './report.ts';
import { windowOfJob } from './window-of-job.ts';

const keptSlices = 500;

export interface ReportOptions {
  readonly rules: DriftRules;
  readonly signal?: AbortSignal | undefined;
}

/** One job against the reference of its version, as one piece. @throws {RookeryError} JOB_NOT_FOUND */
export async function reportOfJob(
  ledger: JobLedger,
  id: string,
  { rules, signal }: ReportOptions,
): Promise<MonitorReport> {
  const job = await ledger.read(id, signal);
  const window = await windowOfJob(ledger, job, signal);
  const baseline = await findBaseline(ledger.store, job.pin.model, signal);
  const measures = baseline ? compareWindows(baseline.window, window, rules) : [];
  const alarmed = measures.flatMap(({ name, state }) => (state === 'off' ? [{ measure: name, since: window.to }] : []));
  const slice = { from: window.from, to: window.to, pictures: window.pictures, measures };
  const feedback = await evaluateFeedback(ledger, { job: id, model: pinDigest(job.pin), signal });
  return {
    ...frameOf(`${job.pin.model.name}@${job.pin.model.version}`, id, rules, baseline, window),
    measures,
    slices: baseline ? [{ ...slice, alarmed: alarmed.map(({ measure }) => measure) }] : [],
    alarmed,
    feedback: orNull(feedback),
  };
}

export interface FleetReportOptions extends ReportOptions {
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** `name` or `name@version`; all where nothing is said. */
  readonly model?: string | undefined;
}

interface Followed {
  readonly name: string;
  readonly baseline: Baseline | undefined;
  readonly alarm: DriftAlarm | undefined;
  window: Window;
  readonly slices: SliceReport[];
}

/** What the fleet answered in a time: one report for each model, the one with most pictures first. Windows are read one after another. */
export async function reportOfFleet(ledger: JobLedger, options: FleetReportOptions): Promise<MonitorReport[]> {
  const { rules, sinceMs, model, signal } = options;
  const followed = new Map<string, Followed>();
  for await (const { window } of readWindows(ledger.store, { sinceMs, signal })) {
    const name = window.name ?? window.model;
    if (model !== undefined && name !== model && name.split('@')[0] !== model) continue;
    const known = followed.get(window.model) ?? (await follow(ledger, name, window, rules, signal));
    if (followed.has(window.model)) known.window = mergeWindows(known.window, window);
    else followed.set(window.model, known);
    const slice = known.alarm?.add(window);
    if (slice) known.slices.push(slice);
    if (known.slices.length > keptSlices) known.slices.shift();
  }
  const reports: MonitorReport[] = [];
  for (const { name, baseline, alarm, window, slices } of followed.values())
    reports.push({
      ...frameOf(name, null, rules, baseline, window),
      measures: baseline ? compareWindows(baseline.window, window, rules) : [],
      slices,
      alarmed: alarm ? alarm.alarmed : [],
      feedback: orNull(await evaluateFeedback(ledger, { model: window.model, signal })),
    });
  return reports.sort((a, b) => b.window.pictures - a.window.pictures);
}

async function follow(
  ledger: JobLedger,
  name: string,
  window: Window,
  rules: DriftRules,
  signal: AbortSignal | undefined,
): Promise<Followed> {
  const [model = '', version = ''] = name.split('@');
  // What lies in a store may be anybody's: a name becomes a path.
  const isName = ModelName.safeParse(model).success && ModelVersion.safeParse(version).success;
  const baseline = isName ? await findBaseline(ledger.store, { name: model, version }, signal) : undefined;
  const alarm = baseline && new DriftAlarm(baseline.window, rules);
  return { name, baseline, alarm, window, slices: [] };
}

const frameOf = (
  name: string,
  job: string | null,
  rules: DriftRules,
  baseline: Baseline | undefined,
  window: Window,
) => ({
  at: new Date().toISOString(),
  name,
  job,
  rules,
  reference: baseline ? { createdAt: baseline.createdAt, job: baseline.job, window: baseline.window } : null,
  window,
});

const orNull = (report: FeedbackReport): FeedbackReport | null =>
  report.count + report.missing + report.changed + report.failed > 0 ? report : null;

/** How far a measure is beyond chance: what its rules are about. */
export const indexOf = ({ psi, psiNoise }: Pick<Measure, 'psi' | 'psiNoise'>): number => Math.max(0, psi - psiNoise);

export const titles: Readonly<Record<MeasureName, string>> = {
  classes: 'classes',
  unsure: 'unsure answers',
  failed: 'failed pictures',
  confidence: 'confidence',
  entropy: 'entropy',
  pixels: 'picture size',
  shape: 'width : height',
  brightness: 'brightness',
  sharpness: 'sharpness',
};
