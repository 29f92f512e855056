import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');

/** Two photographs labelled, the first looked at closely. */
async function lookClosely(page: Page) {
  await page.setInputFiles('input[multiple]', ['black-canyon', 'acanthus-mollis'].map(photograph));
  await expect.poll(() => page.locator('.bars').count()).toBe(2);
  await page.locator('.picture .thumb').first().click();
  return page.getByRole('dialog');
}

describe.skipIf(!chromium)(`the start page${missing ? ` (${missing})` : ''}`, () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('labels the pictures that are chosen, each with its bars', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.setInputFiles('input[multiple]', [photograph('black-canyon'), photograph('acanthus-mollis')]);
    const cards = page.locator('.picture');
    await expect.poll(() => cards.locator('.bars').count()).toBe(2);
    expect(await cards.nth(0).locator('.bars li').allInnerTexts()).toHaveLength(3);
    expect(await cards.nth(0).locator('.bars li').first().innerText()).toMatch(/^safe\s+99\.8/);
    expect(await cards.nth(1).locator('.bars li').first().innerText()).toMatch(/^drawing\s+96\.9/);
    expect(await page.locator('[aria-live]').first().innerText()).toContain('2 pictures labelled');
    visited.expectQuiet();
  });

  it('moves nothing that is already there when an answer comes', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.route('**/v1/classify*', async (route) => {
      await page.waitForTimeout(600);
      await route.continue();
    });
    await page.setInputFiles('input[multiple]', ['black-canyon', 'acanthus-mollis', 'march-pastoral'].map(photograph));
    await page.locator('.picture').nth(2).waitFor();
    const shifted = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
          }).observe({ type: 'layout-shift' });
          const timer = setInterval(() => {
            if (document.querySelectorAll('.bars').length < 3) return;
            clearInterval(timer);
            setTimeout(() => resolve(sum), 500);
          }, 50);
        }),
    );
    expect(shifted).toBeLessThan(0.005);
    visited.expectQuiet();
  });

  it('says in plain words what is wrong with a file, and labels its neighbours', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const truncated = (await readFile(photograph('black-canyon'))).subarray(0, 300);
    await page.setInputFiles('input[multiple]', [
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('this is no picture') },
      { name: 'empty.png', mimeType: 'image/png', buffer: Buffer.alloc(0) },
      { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: truncated },
      { name: 'good.jpg', mimeType: 'image/jpeg', buffer: await readFile(photograph('black-canyon')) },
    ]);
    await expect.poll(() => page.locator('.bars').count()).toBe(1);
    await expect.poll(() => page.locator('.failed').count()).toBe(3);
    expect(await page.locator('.failed').allInnerTexts()).toEqual([
      'This is not a picture.',
      'This file is empty.',
      'This picture is damaged.',
    ]);
    expect(await page.locator('.summary').innerText()).toContain('3 without an answer');
    visited.expectQuiet();
  });

  it('takes pictures that are dropped, folders and all, and pictures that are pasted', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await hand(page, 'drop', 'dropped.jpg', await readFile(photograph('black-canyon')));
    await expect.poll(() => page.locator('.bars').count()).toBe(1);
    await hand(page, 'paste', 'pasted.jpg', await readFile(photograph('march-pastoral')));
    await expect.poll(() => page.locator('.bars').count()).toBe(2);
    expect(await page.locator('.picture h2').allInnerTexts()).toEqual(['dropped.jpg', 'pasted.jpg']);
    visited.expectQuiet();
  });

  it('gives the labels away as JSON, as CSV and through the clipboard', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.setInputFiles('input[multiple]', photograph('black-canyon'));
    await page.locator('.bars').waitFor();
    const [json] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'JSON' }).click(),
    ]);
    const rows = JSON.parse(await readFile(await json.path(), 'utf8'));
    expect(rows).toHaveLength(1);
    expect(rows[0].picture).toBe('image.jpg');
    expect(rows[0].predictions[0]).toEqual({ label: 'safe', index: 2, score: expect.closeTo(0.998, 2) });
    const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    const [head, first] = (await readFile(await csv.path(), 'utf8')).split('\r\n');
    expect(head).toBe('picture,model,rank,label,score,error');
    expect(first).toMatch(/^image\.jpg,content@\w+,1,safe,0\.99\d+,$/);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^image\.jpg\tsafe\t0\.99/);
    visited.expectQuiet();
  });

  it('shows a picture closely, with its neighbours an arrow key away, and gives the focus back', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const dialog = await lookClosely(page);
    await expect.poll(() => dialog.locator('.bars li').first().innerText()).toMatch(/^safe/);
    expect(await dialog.locator('.bars li').count()).toBe(5);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => dialog.locator('.bars li').first().innerText()).toMatch(/^drawing/);
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('thumb');
    visited.expectQuiet();
  });

  it('shows where the model looked, for the label and as strongly as is chosen', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const dialog = await lookClosely(page);
    const button = dialog.getByRole('button', { name: 'Where it looked' });
    await button.click();
    const heat = dialog.locator('canvas.heat');
    await heat.waitFor();
    const pixels = () =>
      heat.evaluate((canvas: HTMLCanvasElement) => [...(canvas.getContext('2d')?.getImageData(0, 0, 7, 7).data ?? [])]);
    const first = await pixels();
    // The hottest cell is opaque, the map is no even colour.
    expect(Math.max(...first.filter((_, at) => at % 4 === 3))).toBe(255);
    expect(new Set(first.filter((_, at) => at % 4 === 3)).size).toBeGreaterThan(3);
    const [over, under] = await Promise.all([heat.boundingBox(), dialog.locator('figure img').boundingBox()]);
    for (const side of ['x', 'y', 'width', 'height'] as const) expect(over?.[side]).toBeCloseTo(under?.[side] ?? 0, 0);
    await dialog.getByLabel('Label').selectOption({ index: 1 });
    await expect.poll(pixels).not.toEqual(first);
    await dialog.getByLabel('Strength').fill('30');
    expect(await heat.evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe('0.3');
    // The slider's arrows are its own; the next picture is seen as it is.
    await dialog.getByLabel('Strength').press('ArrowRight');
    expect(await heat.count()).toBe(1);
    await dialog.getByRole('button', { name: 'Picture after' }).click();
    await expect.poll(() => heat.count()).toBe(0);
    await button.click();
    await heat.waitFor();
    await button.click();
    await expect.poll(() => heat.count()).toBe(0);
    visited.expectQuiet();
  });

  it('keeps the pictures while other views are looked at, and the view when it is loaded again', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.setInputFiles('input[multiple]', photograph('black-canyon'));
    await page.locator('.bars').waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await page.getByRole('link', { name: 'Classify' }).click();
    expect(await page.locator('.bars').count()).toBe(1);
    await page.getByRole('link', { name: 'Models' }).click();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    visited.expectQuiet();
  });

  it('says so where the service is gone, and goes on when it is back', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.route('**/v1/classify*', (route) => route.abort());
    await page.setInputFiles('input[multiple]', photograph('black-canyon'));
    await expect
      .poll(() => page.locator('.failed').allInnerTexts())
      .toEqual(['The service does not answer. Is it running?']);
    await page.unroute('**/v1/classify*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.bars').waitFor();
  });
});

/** A file that comes by the mouse or the clipboard: the browser's own events, with the bytes in them. */
async function hand(page: Page, kind: 'drop' | 'paste', name: string, bytes: Buffer): Promise<void> {
  await page.evaluate(
    ([kind, name, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: 'image/jpeg' }));
      const init = { bubbles: true, cancelable: true };
      const event =
        kind === 'drop'
          ? new DragEvent('drop', { ...init, dataTransfer: data })
          : new ClipboardEvent('paste', { ...init, clipboardData: data });
      document.body.dispatchEvent(event);
    },
    [kind, name, bytes.toString('base64')] as const,
  );
}
