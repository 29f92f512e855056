import { cp, link, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { temporaryFolder } from '../services/reaper.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');
const names = ['black-canyon', 'acanthus-mollis', 'march-pastoral'];

describe.skipIf(!chromium)(`jobs on the page${missing ? ` (${missing})` : ''}`, () => {
  const folder = temporaryFolder('sources');
  let served: Served;
  beforeAll(async () => {
    await mkdir(join(folder.path, 'sub'));
    for (const name of names) await cp(photograph(name), join(folder.path, `${name}.jpg`));
    served = await serve(['--sources', folder.path]);
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function startUpload(page: Page, note: string): Promise<void> {
    await page.getByRole('button', { name: 'New job' }).first().click();
    const bytes = await readFile(photograph('black-canyon'));
    await page.setInputFiles('dialog input[type=file] >> nth=0', [
      ...(await Promise.all(
        names.map(async (name) => ({
          name: `${name}.jpg`,
          mimeType: 'image/jpeg',
          buffer: await readFile(photograph(name)),
        })),
      )),
      { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: bytes.subarray(0, 400) },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') },
    ]);
    expect(await page.locator('.picker').innerText()).toContain('4 pictures');
    await page.getByLabel('Name').fill(note);
    await page.getByRole('button', { name: 'Upload and start' }).click();
  }

  it('come from pictures of this device: uploaded, labelled, shown, filtered, downloaded, deleted', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await visited.open('#/jobs');
    await startUpload(page, 'From the test');
    await page.getByRole('heading', { level: 1, name: 'From the test' }).waitFor();
    await page.locator('.view-head .chip.complete').waitFor();
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(4);
    expect((await page.locator('.figure').allInnerTexts()).join(' ')).toMatch(/Pictures\s*4\s+Errors\s*1/);
    await expect
      .poll(() =>
        page
          .locator('.gallery img')
          .evaluateAll((all) => all.filter((one) => (one as HTMLImageElement).naturalWidth > 0).length),
      )
      .toBe(3);

    await page.locator('.tally.code button').first().click();
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(1);
    expect(await page.locator('.gallery .result').innerText()).toContain('This picture is damaged.');
    await page.reload();
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(1);
    await page.getByRole('button', { name: /No longer only/ }).click();
    await page.getByLabel('Search names').fill('canyon');
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(1);
    await page.locator('.gallery button').first().click();
    await expect.poll(() => page.getByRole('dialog').locator('.bars li').first().innerText()).toMatch(/^safe/);
    await page.keyboard.press('Escape');
    await page.getByLabel('Search names').fill('');

    const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
    expect((await readFile(await csv.path(), 'utf8')).trim().split('\n')).toHaveLength(5);
    const [lines] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'JSON lines' }).click(),
    ]);
    expect((await readFile(await lines.path(), 'utf8')).trim().split('\n')).toHaveLength(4);

    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete the job' }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await expect.poll(() => page.locator('.job-row').count()).toBe(0);
    visited.expectQuiet();
  });

  it('come from a place that the service may read, and are refused plainly where it may not', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await visited.open('#/jobs');
    await page.getByRole('button', { name: 'New job' }).first().click();
    await page.getByRole('tab', { name: 'From a bucket' }).click();
    await page.getByLabel('Address').fill('s3://somebody-elses-bucket/');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('This service may not read that bucket.');
    await page.getByLabel('Address').fill(folder.path);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('.view-head .chip.complete').waitFor();
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(names.length);
    visited.expectQuiet();
  });

  it('are reconciled while they run, cancelled, and tried again', async () => {
    await mkdir(join(folder.path, 'many'));
    const first = join(folder.path, 'march-pastoral.jpg');
    for (let at = 0; at < 3000; at++) await link(first, join(folder.path, 'many', `${at}.jpg`));
    await using visited = await visit(served.address);
    const { page } = visited;
    await visited.open('#/jobs');
    await page.getByRole('button', { name: 'New job' }).first().click();
    await page.getByRole('tab', { name: 'From a bucket' }).click();
    await page.getByLabel('Address').fill(join(folder.path, 'many'));
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Reconcile' }).click();
    await expect
      .poll(() => page.locator('main').innerText())
      .toMatch(/Nothing was missing|tasks? put into the queue again/);
    const cancel = async () => {
      await page.getByRole('button', { name: 'Cancel…' }).click();
      await page.getByRole('button', { name: 'Cancel the job' }).click();
      await page.locator('.view-head .chip.cancelled').waitFor();
    };
    await cancel();
    const before = page.url();
    await page.getByRole('button', { name: 'Try again…' }).click();
    await page.getByRole('button', { name: 'Make the job' }).click();
    await expect.poll(() => page.url()).not.toBe(before);
    await cancel();
    visited.expectQuiet();
  });

  it('go on where an upload was cut: what has arrived is not sent again', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await visited.open('#/jobs');
    const sent: string[] = [];
    let cutting = true;
    await page.route('**/v1/uploads/*/**', async (route) => {
      if (route.request().method() !== 'PUT') return route.continue();
      const name = new URL(route.request().url()).searchParams.get('name') ?? '';
      if (cutting && sent.length >= 2)
        return route.fulfill({ status: 404, json: { code: 'ROUTE_NOT_FOUND', title: 'gone' } });
      sent.push(name);
      return route.continue();
    });
    await startUpload(page, 'Cut');
    await page.getByRole('heading', { name: 'The upload has stopped' }).waitFor();
    cutting = false;
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { level: 1, name: 'Cut' }).waitFor();
    await page.locator('.view-head .chip.complete').waitFor();
    expect(new Set(sent).size).toBe(4);
    expect(sent).toHaveLength(4);
    visited.expectQuiet();
  });

  it('that are not there say so', async () => {
    await using visited = await visit(served.address);
    await visited.open('#/jobs/nowhere');
    await expect.poll(() => visited.page.locator('.empty').innerText()).toContain('There is no such job.');
    visited.expectQuiet();
  });

  it('that no worker can do say so, and why', async () => {
    await using unable = await serve(['--sources', folder.path], async (run) => {
      await run('models', 'export', 'content', '--to', 'onnx', '-o', 'mine.onnx');
      await run('models', 'add', 'mine.onnx', '--name', 'mine');
      await run('enqueue', folder.path, '--job', 'stuck', '--model', 'mine');
      const { version } = JSON.parse(await run('models', 'show', 'mine', '--json')).manifest;
      await run('models', 'remove', `mine@${version}`);
    });
    await using visited = await visit(unable.address);
    const { page } = visited;
    await visited.open('#/jobs/stuck');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(
      /^1 of 1 worker cannot do this job: no mine@\w+ \(fp32\) in the registry\.$/,
    );
    await visited.open('#/jobs');
    await expect.poll(() => page.locator('.job-row-foot').innerText()).toContain('no worker can do it');
    visited.expectQuiet();
  });
});
