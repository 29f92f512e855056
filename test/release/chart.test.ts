import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ScalingConfig, scalingPresets } from '@rookery/autoscale';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { chart } from '../helm/render.ts';

const observability = fileURLToPath(new URL('../../docker/observability', import.meta.url));
const textsIn = (folder: string) =>
  ['rules.yml', 'alerts.yml'].map((name) => readFileSync(`${folder}/${name}`, 'utf8'));

it('the object that scales is that of the policy, with its usual backlog', () => {
  const { autoscaling, worker } = parse(readFileSync(`${chart}/values.yaml`, 'utf8'));
  const scaling = ScalingConfig.parse(autoscaling.scaling);
  const { backlogPerWorker, minWorkers, scaleInCooldownMs, maxShrink } = scalingPresets.small;
  expect(scaling).toMatchObject({ backlogPerWorker, minWorkers, scaleInCooldownMs, maxShrink });
  expect(Number(worker.resources.requests.cpu)).toBe(worker.threads);
});

it('the chart is of the version that it installs', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(parse(readFileSync(`${chart}/Chart.yaml`, 'utf8'))).toMatchObject({ version, appVersion: version });
});

it('its rules and alerts are those of docker/observability, word for word', () => {
  expect(textsIn(`${chart}/rules`)).toEqual(textsIn(observability));
});
