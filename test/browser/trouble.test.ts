import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { temporaryFolder } from '../services/reaper.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');
const two = ['black-canyon', 'acanthus-mollis'].map(photograph);

/** What has the focus, as it is read out; `BODY` where it was lost. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element === document.body
      ? 'BODY'
      : (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim();
  });

/** A job of two photographs, looked at once it is complete. */
async function startJob(page: Page, note = ''): Promise<void> {
  await page.getByRole('link', { name: 'Jobs' }).first().click();
  await page.getByRole('button', { name: 'New job' }).first().click();
  await page.setInputFiles('dialog input[type=file] >> nth=0', two);
  await page.getByRole('textbox', { name: 'Name' }).fill(note);
  await page.getByRole('button', { name: 'Upload and start' }).click();
  await page.locator('.view-head .chip.complete').waitFor();
}

describe.skipIf(!chromium)(`what goes wrong or is unusual${missing ? ` (${missing})` : ''}`, () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('is said of the fleet, too, where the service is gone when it is first looked at', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.route('**/uplot-*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'Fleet' }).click();
    await expect.poll(() => page.locator('.empty').innerText()).toContain('The service does not answer');
    await page.unroute('**/uplot-*.js');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor();
  });

  it('never takes the focus away: it goes to what is near', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.setInputFiles('input[multiple]', two);
    await expect.poll(() => page.locator('.bars').count()).toBe(2);
    await page.getByRole('button', { name: 'Clear' }).press('Enter');
    await page.locator('.hero').waitFor();
    await expect.poll(() => focused(page)).toBe('Choose pictures');

    await startJob(page);
    await page.locator('.tally.label button').first().press('Enter');
    await page.getByRole('button', { name: /^No longer only/ }).press('Enter');
    await expect.poll(() => page.locator('.chip-button').count()).toBe(0);
    await expect.poll(() => focused(page)).toMatch(/^all/);
    visited.expectQuiet();
  });

  it('asks again for previews that did not come', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.route('**/v1/jobs/*/picture?*', (route) => route.fulfill({ status: 503, body: '' }));
    await startJob(page);
    await expect.poll(() => page.locator('.gallery .no-preview').count()).toBe(2);
    await page.unroute('**/v1/jobs/*/picture?*');
    const shown = () =>
      page
        .locator('.gallery img')
        .evaluateAll((all) => all.filter((one) => (one as HTMLImageElement).naturalWidth > 0).length);
    await expect.poll(shown, { timeout: 12_000 }).toBe(2);
    visited.expectQuiet();
  });

  it('takes a job that somebody else has deleted as deleted, and an address that no job can have as that of none', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await startJob(page);
    const id = new URL(page.url()).hash.split('/').at(-1);
    expect((await fetch(`${served.address}/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete the job' }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await visited.open('#/jobs/No%20Such%20Job');
    await page.getByRole('heading', { level: 1, name: 'There is no such job' }).waitFor();
    visited.expectQuiet();
  });

  it('leaves room for the first button on a phone that lies on its side', async () => {
    await using visited = await visit(served.address, { width: 667, height: 375, touch: true });
    const { page } = visited;
    const [button, bar] = await Promise.all(
      [page.getByRole('button', { name: 'Choose pictures' }), page.locator('.views')].map((one) => one.boundingBox()),
    );
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThan(bar?.y ?? 0);
    visited.expectQuiet();
  });

  it('tells a file that is gone from a service that is, and labels its neighbours', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    using folder = temporaryFolder('leaving');
    const paths = ['gone.jpg', 'stays.jpg'].map((name) => join(folder.path, name));
    for (const path of paths) await copyFile(photograph('black-canyon'), path);
    await page.route('**/v1/classify*', (route) => route.abort());
    await page.setInputFiles('input[multiple]', paths);
    await expect.poll(() => page.locator('.failed').count()).toBe(2);
    await page.unroute('**/v1/classify*');
    await rm(join(folder.path, 'gone.jpg'));
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => page.locator('.bars').count()).toBe(1);
    expect(await page.locator('.failed').allInnerTexts()).toEqual(['The picture could not be read.']);
  });

  it('shows file names as they are, whatever is in them', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const buffer = await readFile(photograph('black-canyon'));
    const names = [
      'a#b?c%20d&e.jpg',
      '<img src=x onerror=alert(1)> "q".jpg',
      'ציפור בגן.jpg',
      '🐦🪶.jpg',
      `${'x'.repeat(180)}.jpg`,
    ];
    await page.setInputFiles(
      'input[multiple]',
      names.map((name) => ({ name, mimeType: 'image/jpeg', buffer })),
    );
    await expect.poll(() => page.locator('.bars').count()).toBe(names.length);
    expect(await page.locator('.picture h2').allInnerTexts()).toEqual(names);
    expect(await page.locator('.picture h2 img').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    visited.expectQuiet();
  });

  it('fits 320 pixels, which is what a page enlarged to 400 % has', async () => {
    await using visited = await visit(served.address, { width: 320, height: 640 });
    const { page, open } = visited;
    const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.setInputFiles('input[multiple]', two);
    await expect.poll(() => page.locator('.bars').count()).toBe(2);
    expect(await tooWide()).toBe(0);
    await startJob(page, 'donaudampfschifffahrt'.repeat(8));
    expect(await tooWide()).toBe(0);
    for (const view of ['#/jobs', '#/models', '#/fleet']) {
      await open(view);
      expect(await tooWide(), view).toBe(0);
    }
    visited.expectQuiet();
  });

  it('shows bars and the current view where the device chooses the colours', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.emulateMedia({ forcedColors: 'active' });
    await page.setInputFiles('input[multiple]', two);
    await expect.poll(() => page.locator('.bars').count()).toBe(2);
    const bar = page.locator('.bars .bar').first();
    expect(await bar.evaluate((element) => getComputedStyle(element).backgroundImage)).toContain('gradient');
    const backgroundOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(await backgroundOf('.views a[aria-current]')).not.toBe(await backgroundOf('.views a:not([aria-current])'));
    visited.expectQuiet();
  });
});
