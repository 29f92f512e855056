import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { violations } from './axe.ts';
import { type Served, serve } from './serve.ts';
import { type Visit, visit } from './visit.ts';

const { chromium, missing } = inject('browser');

/** Everything that can be looked at, with something in it. */
const views: readonly [name: string, show: (visited: Visit) => Promise<void>][] = [
  ['the empty start', ({ open }) => open('#/')],
  [
    'labels and an error',
    async ({ open, page }) => {
      await open('#/');
      await page.setInputFiles('input[multiple]', [
        photograph('black-canyon'),
        photograph('march-pastoral'),
        `${import.meta.dirname}/looks.test.ts`,
      ]);
      await page.locator('.failed').waitFor();
      await expect.poll(() => page.locator('.bars').count()).toBe(2);
    },
  ],
  [
    'a picture closely',
    async ({ page }) => {
      await page.locator('.thumb').first().click();
      await page.getByRole('dialog').locator('.bars').waitFor();
    },
  ],
  [
    'where the model looked',
    async ({ page }) => {
      await page.getByRole('button', { name: 'Where it looked' }).click();
      await page.locator('canvas.heat').waitFor();
    },
  ],
  [
    'jobs',
    async ({ open, page }) => {
      await page.keyboard.press('Escape');
      await open('#/jobs');
      await page.locator('.job-row').waitFor();
    },
  ],
  [
    'a new job',
    async ({ page }) => {
      await page.getByRole('button', { name: 'New job' }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  ],
  [
    'a new job from a bucket',
    async ({ page }) => {
      await page.getByRole('tab', { name: 'From a bucket' }).click();
    },
  ],
  [
    'a job',
    async ({ page }) => {
      await page.keyboard.press('Escape');
      await page.locator('.job-row a').click();
      await page.locator('.view-head .chip.complete').waitFor();
      await expect.poll(() => page.locator('.gallery .result').count()).toBe(2);
    },
  ],
  [
    'a question',
    async ({ page }) => {
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  ],
  [
    'models',
    async ({ open, page }) => {
      await page.keyboard.press('Escape');
      await open('#/models');
      await page.locator('.version').first().waitFor();
      await page.locator('summary').first().click();
    },
  ],
  [
    'the fleet',
    async ({ open, page }) => {
      await open('#/fleet');
      await page.locator('.plot canvas').first().waitFor();
    },
  ],
  ['nothing', ({ open }) => open('#/nowhere')],
  ['no such job', ({ open }) => open('#/jobs/nowhere')],
];

describe.skipIf(!chromium)(`how the page looks${missing ? ` (${missing})` : ''}`, () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
    await using visited = await visit(served.address);
    const { page } = visited;
    await visited.open('#/jobs');
    await page.getByRole('button', { name: 'New job' }).first().click();
    await page.setInputFiles('dialog input[type=file] >> nth=0', ['black-canyon', 'march-pastoral'].map(photograph));
    await page.getByRole('button', { name: 'Upload and start' }).click();
    await page.locator('.view-head .chip.complete').waitFor();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  for (const theme of ['light', 'dark'] as const) {
    for (const [device, size] of [
      ['a desk', { width: 1280, height: 860 }],
      ['a phone', { width: 360, height: 740, touch: true }],
    ] as const) {
      it(`on ${device}, ${theme}: axe finds nothing, nothing is wider than the screen`, async () => {
        await using visited = await visit(served.address, { theme, ...size, reducedMotion: 'reduce' });
        const { page } = visited;
        const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        expect(background).toBe(theme === 'dark' ? 'rgb(20, 19, 26)' : 'rgb(246, 244, 239)');
        const found: Record<string, unknown> = {};
        for (const [name, show] of views) {
          await show(visited);
          const wrong = await violations(page);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) wrong.push(`${wide} pixels too wide`);
          if (wrong.length > 0) found[name] = wrong;
        }
        expect(found).toEqual({});
        visited.expectQuiet();
      });
    }
  }

  it('turns with the device, stays as it was chosen, and turns back', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    expect(await theme()).toBe('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(theme).toBe('dark');
    await page.getByRole('button', { name: /Appearance/ }).click();
    expect(await theme()).toBe('light');
    await page.reload();
    expect(await theme()).toBe('light');
    await page.getByRole('button', { name: /Appearance/ }).click();
    await page.getByRole('button', { name: /Appearance/ }).click();
    expect(await theme()).toBe('dark');
    visited.expectQuiet();
  });

  it('does not move for those who asked for rest', async () => {
    await using visited = await visit(served.address, { reducedMotion: 'reduce' });
    const { page } = visited;
    // Never answered: the view goes on loading.
    await page.route('**/v1/models', () => {});
    await page.getByRole('link', { name: 'Models' }).click();
    await page.locator('.spinner').waitFor();
    const moving = () => page.evaluate(() => document.getAnimations().length);
    expect(await moving()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await expect.poll(moving).toBeGreaterThan(0);
  });
});
