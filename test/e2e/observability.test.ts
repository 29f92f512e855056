import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { folderStore, redisQueue } from '../faults/harness/backends.ts';
import { Fleet } from '../faults/harness/fleet.ts';
import { aPicture, writePictures } from '../faults/harness/pictures.ts';
import { findGrafanaModel } from '../services/grafana-model.ts';
import { freePort, startProgram, type TemporaryFolder, temporaryFolder } from '../services/index.ts';
import { orSkip } from '../services/or-skip.ts';
import { runCommand } from '../services/run-command.ts';
import { metricNames } from './metric-names.ts';

const { prometheus, redis } = inject('services');
const home = fileURLToPath(new URL('../../docker/observability/', import.meta.url));
const read = (name: string): Promise<string> => readFile(join(home, name), 'utf8');
const promtool = (...args: string[]): Promise<string> => runCommand(prometheus.promtool, args, { cwd: home });

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}
const rulesOf = async (name: string): Promise<Rule[]> => {
  const { groups } = parse(await read(name)) as { groups: readonly { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
};

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly type: string } }[];
}
const dashboard = async (): Promise<{ uid: string; panels: Panel[]; templating: { list: { name: string }[] } }> =>
  JSON.parse(await read('grafana/dashboards/rookery.json'));
const queries = async (): Promise<string[]> =>
  (await dashboard()).panels
    .flatMap(({ targets = [] }) => targets)
    .filter(({ datasource }) => datasource.type === 'prometheus')
    .map(({ expr }) => expr);

describe.skipIf(!prometheus.available)('rules and alerts', () => {
  it('are as Prometheus wants them', async () => {
    expect(await promtool('check', 'config', 'prometheus.yml')).toMatch(/2 rule files found/);
  });

  it('every alert fires where it should, and is silent where it should not', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
    const { tests } = parse(await read('alerts.test.yml')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const tried = tests.flatMap((test) => test.alert_rule_test);
    for (const { alert } of await rulesOf('alerts.yml')) {
      const outcomes = tried.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length);
      expect([alert, ...outcomes.sort()]).toEqual([alert, 0, 1]);
    }
  });

  it('the queries of the dashboard are PromQL', async () => {
    using folder = temporaryFolder('queries');
    const file = join(folder.path, 'queries.yml');
    const rules = (await queries()).map((expr, at) => ({ record: `query:${at}`, expr }));
    await writeFile(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(await promtool('check', 'rules', file)).toContain(`${rules.length} rules found`);
  });
});

it('the dashboard has a place, a name and a source for each of its panels', async () => {
  const { panels, templating } = await dashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const sources = templating.list.map(({ name }) => `\${${name}}`);
  const taken = new Set<string>();
  for (const { type, title, description, gridPos, datasource, targets = [] } of panels) {
    expect(title).not.toBe('');
    const { x, y, w, h } = gridPos;
    expect(x + w).toBeLessThanOrEqual(24);
    for (let column = x; column < x + w; column++)
      for (let line = y; line < y + h; line++) {
        expect(taken, title).not.toContain(`${column} ${line}`);
        taken.add(`${column} ${line}`);
      }
    if (type === 'row') continue;
    expect([title, description]).not.toContain(undefined);
    expect(sources).toContain(datasource?.uid);
    expect(targets.length).toBeGreaterThan(0);
  }
});

it('the dashboard shows all that is recorded', async () => {
  const shown = (await queries()).join('\n');
  for (const { record } of await rulesOf('rules.yml')) expect(shown).toContain(record);
});

it("the dashboard is one by Grafana's own model, which refuses another", async ({ skip }) => {
  const command = await orSkip(findGrafanaModel, skip);
  const { panels } = await dashboard();
  const file = join(home, 'grafana/dashboards/rookery.json');
  expect(await runCommand(command, [file])).toBe(`${panels.length} panels\n`);
  using folder = temporaryFolder('dashboard');
  const other = join(folder.path, 'other.json');
  await writeFile(other, (await readFile(file, 'utf8')).replace('"lineWidth"', '"lineWith"'));
  await expect(runCommand(command, [other])).rejects.toThrow(/unexpected field 'lineWith'/);
});

describe.skipIf(!prometheus.available || !redis.available)('what a fleet exports', () => {
  let folder: TemporaryFolder;
  let fleet: Fleet;
  let pictures: string;
  beforeEach(async () => {
    folder = temporaryFolder('metrics');
    pictures = join(folder.path, 'pictures');
    await mkdir(pictures);
    fleet = await Fleet.open({
      queue: redisQueue(redis.url),
      pictures: folderStore(pictures),
      // A collector that is not there: traces are on.
      env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1', ROOKERY_TRACKER: 'file' },
    });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** A worker, the service and the producer, each with its port for Prometheus, that have had something to do. */
  async function aFleet(): Promise<Record<string, string>> {
    const ports = { worker: await freePort(), api: await freePort(), producer: await freePort() };
    const at = (port: number) => ({ env: { ROOKERY_HEALTH_PORT: String(port) } });
    await fleet.warmWorker(at(ports.worker));
    const service = fleet.start(['serve', '--port', '0'], at(ports.api));
    const producer = fleet.start(['ingest', '--events', pictures], at(ports.producer));
    await producer.says('waiting for events');
    await expect.poll(() => service.stdout).toMatch(/answers at/);
    await writePictures(pictures, 4);
    await writeFile(join(pictures, 'empty.jpg'), '');
    await fleet.enqueue('job');
    await fleet.untilDone('job');
    const address = /answers at (\S+)/.exec(service.stdout)?.[1];
    const body = new Blob([new Uint8Array(await aPicture(1))]);
    const headers = { 'content-type': 'image/jpeg' };
    expect((await fetch(`${address}/v1/classify`, { method: 'POST', headers, body })).status).toBe(200);
    return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `127.0.0.1:${port}`]));
  }

  it('is as Prometheus wants it, documented, and all that rules, alerts and the dashboard ask for', async () => {
    const addresses = await aFleet();
    const exported = new Set<string>();
    for (const [name, address] of Object.entries(addresses)) {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      const file = join(folder.path, `${name}.txt`);
      await writeFile(file, text);
      expect(await runCommand('sh', ['-c', '"$0" check metrics < "$1" 2>&1', prometheus.promtool, file]), name).toBe(
        '',
      );
      for (const [, metric = ''] of text.matchAll(/^# TYPE (\S+) /gm)) exported.add(metric);
    }
    const recorded = new Set((await rulesOf('rules.yml')).map(({ record = '' }) => record));
    const exprs = [...(await rulesOf('rules.yml')), ...(await rulesOf('alerts.yml'))].map(({ expr }) => expr);
    const asked = new Set([...exprs, ...(await queries())].flatMap(metricNames));
    expect(asked.size).toBeGreaterThan(40);
    const known = new Set([...exported, ...recorded, 'up', 'ALERTS']);
    const series = (name: string) => [name, name.replace(/_(?:bucket|sum|count)$/, '')];
    expect([...asked].filter((name) => !series(name).some((each) => known.has(each)))).toEqual([]);
    const page = await readFile(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');
    const own = [...exported].filter((name) => /^(?:rookery|http)_/.test(name));
    expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('is scraped by a real Prometheus, whose rules find what was done', async () => {
    const addresses = await aFleet();
    const config = parse(await read('prometheus.yml')) as { global: object; rule_files: string[] };
    const file = join(folder.path, 'prometheus.yml');
    await writeFile(
      file,
      stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: config.rule_files.map((name) => join(home, name)),
        scrape_configs: Object.entries(addresses).map(([name, target]) => ({
          job_name: `rookery-${name}`,
          static_configs: [{ targets: [target] }],
        })),
      }),
    );
    const port = await freePort();
    const storage = join(folder.path, 'tsdb');
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${storage}`, `--web.listen-address=127.0.0.1:${port}`];
    await using server = await startProgram({ command: prometheus.prometheus, args, port });
    const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
    const query = async (expr: string): Promise<{ value: [number, string] }[]> =>
      (await ask(`query?query=${encodeURIComponent(expr)}`)).data.result;
    const value = async (expr: string): Promise<number> => Number((await query(expr))[0]?.value[1] ?? Number.NaN);
    await expect.poll(() => value('count(up == 1)')).toBe(3);
    // Of two queues, as the service and the producer see them.
    for (const job of ['rookery-api', 'rookery-producer'])
      await expect.poll(() => value(`count(rookery_queue_tasks{job="${job}"})`)).toBe(8);
    await expect.poll(() => value('sum(rookery:queue_tasks:max)')).toBe(0);
    await expect.poll(() => value('sum(rookery_pictures_total{job="rookery-worker"})')).toBeGreaterThanOrEqual(5);
    expect(await value('max(rookery_ingest_messages_total)')).toBeGreaterThanOrEqual(5);
    expect((await query('rookery_model_info')).length).toBe(1);
    const { data } = await ask('rules');
    const rules = data.groups.flatMap((group: { rules: { name: string; health: string }[] }) => group.rules);
    expect(rules.length).toBeGreaterThan(25);
    expect(rules.filter(({ health }: { health: string }) => health === 'err')).toEqual([]);
    expect(server.hasExited).toBe(false);
  });
});
