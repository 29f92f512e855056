import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { listSpools, wandbTracker } from '@rookery/telemetry';
import { expect, it } from 'vitest';
import { startWandbServer } from '../../../test/wandb-server/index.ts';
import { aFolder, runCommand } from './a-host.ts';

/** A run that was kept offline for the server at `baseUrl`, its client gone. */
async function leftOver(folder: string, baseUrl: string, id: string): Promise<string> {
  const spoolFolder = join(folder, 'spool');
  const run = wandbTracker({ baseUrl, apiKey: '', project: 'birds', spoolFolder, offline: true }).start({
    id,
    name: id,
    config: {},
  });
  run.log({ at: 0 });
  await run.finish({});
  await expect.poll(() => listSpools(spoolFolder).find((each) => each.run.id === id)?.inUse).toBe(false);
  return listSpools(spoolFolder).find((each) => each.run.id === id)?.folder ?? '';
}

it('rookery tracker flush says what it leaves, and why', async () => {
  await using server = await startWandbServer();
  const folder = aFolder();
  await leftOver(folder, server.url, 'mine');
  await leftOver(folder, 'http://127.0.0.1:9', 'another');
  const elsewhere = await leftOver(folder, server.url, 'elsewhere');
  renameSync(elsewhere, elsewhere.replace(/\.[^.]+\.(\d+)$/, '.far-away.$1'));
  // As people write it.
  const env = { ROOKERY_TRACKER_DIR: folder, WANDB_BASE_URL: `${server.url}/`, WANDB_API_KEY: server.apiKey };
  const far = 'it is of another host: rookery tracker flush there (far-away)';
  const other = 'it is meant for http://127.0.0.1:9: WANDB_BASE_URL';
  const flushed = await runCommand(['tracker', 'flush'], { env });
  expect(flushed.stdout).toBe(`mine: sent\nanother: waits (${other})\nelsewhere: waits (${far})\n`);
  const { stdout } = await runCommand(['tracker', 'status'], { env });
  expect(stdout).toMatch(new RegExp(`another +birds +\\d+ +0 +${other}\\n`));
  expect(stdout).not.toContain('mine');
  expect([...server.state.runs.keys()]).toEqual(['rookery/birds/mine']);
}, 60_000);

it('what people set for other programs of W&B stops nothing here', async () => {
  for (const mode of ['run', 'shared', 'OFFLINE', 'dryrun', 'disabled'])
    expect(await runCommand(['tracker', 'status'], { env: { WANDB_MODE: mode, WANDB_DIR: aFolder() } })).toMatchObject({
      code: 0,
    });
  const { stdout } = await runCommand(['config'], {
    env: { WANDB_DIR: '/srv/wandb', WANDB_NAME: 'spring', WANDB_TAGS: 'a, b,', WANDB_NOTES: 'new lens' },
  });
  expect(stdout).toMatch(/tracker\.folder +\/srv\/wandb\/rookery/);
  expect(stdout).toMatch(/tracker\.name +spring +WANDB_NAME/);
});
