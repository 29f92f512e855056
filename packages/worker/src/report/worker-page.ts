import type { Rollout, WorkerBeat } from '@rookery/contracts';
import { escapeText, htmlPage } from '@rookery/monitor';
import type { LoadedModel } from '../model/model-pool.ts';

/** What a worker is doing now. */
export interface WorkerNow {
  readonly state: WorkerBeat['state'];
  readonly models: readonly LoadedModel[];
  /** `null` where nobody watches. */
  readonly drift: WorkerBeat['drift'];
  /** Of events: what is known of the aliases that are followed. */
  readonly rollouts: readonly Rollout[];
  /** In progress. */
  readonly tasks: number;
}

const driftWords = {
  unknown: 'unknown: there is no reference window, or too few pictures came yet',
  stable: 'stable: what its models answer looks like their references',
  drifting: 'drifting: what its models answer does not look like their references any more',
} as const;

/** The page at `/` of a worker's health port. */
export function workerPage({ state, models, drift, rollouts, tasks }: WorkerNow): string {
  const rows: [string, string][] = [
    ['State', `${state}, ${tasks} tasks in progress`],
    ['Warm models', models.map(({ name, variant }) => `${name} (${variant})`).join(', ') || 'none yet'],
    ['Drift', drift === null ? 'not watched' : driftWords[drift]],
  ];
  for (const rollout of rollouts) rows.push(['Events', eventsText(rollout)]);
  const cells = rows.map(([title, text]) => `<tr><th scope="row">${title}</th><td>${escapeText(text)}</td></tr>`);
  const links = ['health/live', 'health/ready', 'metrics'].map((path) => `<a href="${path}">${path}</a>`);
  return htmlPage('Rookery worker', `<table>${cells.join('')}</table><p>${links.join(' ')}</p>`);
}

function eventsText({ name, alias, version, canary, shadow }: Rollout): string {
  const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
  return [
    `${name}${alias === undefined ? '' : `:${alias}`} is ${version}`,
    ...(canary ? [`${canary.version} for ${percent(canary.share)} of keys`] : []),
    ...(shadow ? [`${shadow.version} in the shadow of ${percent(shadow.share)}`] : []),
  ].join(', ');
}
