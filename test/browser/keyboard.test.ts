import type { FileChooser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');

/** What has the focus, as it is read out: its label or its text. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim();
  });

/** Answers the device's own dialog, which is expected from now on. */
function chooserOf(page: Page): (files: string[]) => Promise<void> {
  const choosers: FileChooser[] = [];
  page.on('filechooser', (chooser) => choosers.push(chooser));
  return async (files) => {
    await expect.poll(() => choosers.length).toBe(1);
    await choosers[0]?.setFiles(files);
  };
}

/** Presses Tab until what it leads to is called so. */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(key);
    const at = await focused(page);
    if (name.test(at)) {
      const outline = await page.evaluate(() => {
        const { activeElement } = document;
        if (!activeElement) return '';
        const own = getComputedStyle(activeElement);
        const after = getComputedStyle(activeElement, '::after');
        return own.outlineStyle !== 'none' ? own.outlineWidth : after.outlineStyle !== 'none' ? after.outlineWidth : '';
      });
      expect(Number.parseFloat(outline), `the focus can be seen on "${at}"`).toBeGreaterThanOrEqual(2);
      return;
    }
    passed.push(at);
  }
  throw new Error(`Tab never led to ${name}: ${passed.join(' | ')}`);
}

describe.skipIf(!chromium)(`with the keyboard alone${missing ? ` (${missing})` : ''}`, () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('pictures are chosen, looked at, exported and removed', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const choose = chooserOf(page);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Choose pictures$/);
    await page.keyboard.press('Enter');
    await choose(['black-canyon', 'acanthus-mollis'].map(photograph));
    await expect.poll(() => page.locator('.bars').count()).toBe(2);

    await tabTo(page, /^JSON$/);
    const [saved] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Space')]);
    expect(saved.suggestedFilename()).toBe('labels.json');
    await tabTo(page, /^Look at image\.jpg closely$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toMatch(/^Look at/);
    await tabTo(page, /^Remove image\.jpg$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.picture').count()).toBe(1);
    await expect.poll(() => focused(page)).toMatch(/^Remove/);
    visited.expectQuiet();
  });

  it('a job is made, its results are walked through, and it is deleted', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const choose = chooserOf(page);
    await tabTo(page, /^Jobs$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await tabTo(page, /^New job$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, /^From this device$/);
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('From a bucket');
    await page.keyboard.press('ArrowLeft');
    await tabTo(page, /^Choose pictures$/);
    await page.keyboard.press('Enter');
    await choose(['black-canyon', 'acanthus-mollis', 'march-pastoral'].map(photograph));
    await tabTo(page, /^Upload and start$/);
    await page.keyboard.press('Enter');
    await page.locator('.view-head .chip.complete').waitFor();
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(3);

    // One stop for the whole gallery, arrow keys inside it.
    await tabTo(page, /image/);
    const at = () => page.evaluate(() => document.activeElement?.getAttribute('data-at'));
    expect(await at()).toBe('0');
    await page.keyboard.press('ArrowRight');
    await expect.poll(at).toBe('1');
    await page.keyboard.press('End');
    await expect.poll(at).toBe('2');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');

    await tabTo(page, /^Delete…$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Delete the job$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    visited.expectQuiet();
  });
});
