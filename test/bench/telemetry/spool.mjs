// What the spool of a tracked run takes: rows that come in, each durable before it is answered, and rows that go out to a server that answers.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { Forwarder } from '../../../packages/telemetry/dist/tracking/wandb/forwarder.js';
import { Spool } from '../../../packages/telemetry/dist/tracking/wandb/spool.js';
import { makeSpoolFolder } from '../../../packages/telemetry/dist/tracking/wandb/spool-folders.js';
import { median } from '../fleet/figures.mjs';

const rows = 1_000;

/** A row as a worker tells it: some sixty figures. */
const rowOf = (at) =>
  JSON.stringify({
    _step: at,
    ...Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`stage/figure_${n}/p95_ms`, Math.sin(at + n) * 1_000])),
  });

/** Rows a second, medians of the rounds. `url`: of a server that answers. */
export async function spoolThroughput(url, rounds = 5) {
  const root = await mkdtemp(join(os.tmpdir(), 'rookery-bench-spool-'));
  const [taken, sent] = [[], []];
  const bytes = rowOf(0).length;
  for (let round = 0; round < rounds; round++) {
    const run = { v: 1, id: `run-${round}`, name: 'bench', baseUrl: url, project: 'bench', createdAt: '' };
    const spool = new Spool(makeSpoolFolder(root, run), 64 << 20);
    const path = `/files/bench/bench/${run.id}/file_stream`;
    let startedAt = performance.now();
    for (let at = 0; at < rows; at++) {
      const body = JSON.stringify({ files: { 'wandb-history.jsonl': { offset: at, content: [rowOf(at)] } } });
      if (!spool.add({ path, body }, 1)) throw new Error('the spool is full');
    }
    taken.push((rows * 1_000) / (performance.now() - startedAt));
    startedAt = performance.now();
    const options = { baseUrl: url, apiKey: 'bench', entity: 'bench' };
    if (!(await new Forwarder(spool, options).flush(AbortSignal.timeout(60_000)))) throw new Error('rows are left');
    sent.push((rows * 1_000) / (performance.now() - startedAt));
    spool.close();
  }
  await rm(root, { recursive: true, force: true });
  return { rowBytes: bytes, takenPerSecond: Math.round(median(taken)), sentPerSecond: Math.round(median(sent)) };
}
