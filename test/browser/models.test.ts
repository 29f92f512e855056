import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { temporaryFolder } from '../services/reaper.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');
const starter = fileURLToPath(new URL('../../packages/models/dist/starter/', import.meta.url));

describe.skipIf(!chromium)(`models on the page${missing ? ` (${missing})` : ''}`, () => {
  const folder = temporaryFolder('labels');
  let served: Served;
  beforeAll(async () => {
    // The same network, which calls one of its five classes something else.
    const labels = (await readFile(join(starter, 'labels.txt'), 'utf8')).replace('safe', 'harmless');
    await writeFile(join(folder.path, 'labels.txt'), labels);
    served = await serve([], async (run) => {
      const graph = join(starter, 'model.fp32.onnx');
      const like = ['--range', '0..255', '--kernel', 'bilinear-align-corners'];
      await run('models', 'add', graph, '--name', 'second', '--labels', join(folder.path, 'labels.txt'), ...like);
    });
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('are compared side by side, picture by picture', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.setInputFiles('input[multiple]', ['black-canyon', 'acanthus-mollis'].map(photograph));
    await expect.poll(() => page.locator('.bars').count()).toBe(2);
    await page.getByLabel('Compare with').selectOption({ label: 'second' });
    await expect.poll(() => page.locator('.bars').count()).toBe(4);
    const first = page.locator('.picture').first();
    expect(await first.locator('.model-name').allInnerTexts()).toEqual(['content', 'second']);
    expect((await first.locator('.bars li:first-child .bar-label').allInnerTexts()).join()).toBe('safe,harmless');
    expect(await page.locator('.picture .chip').allInnerTexts()).toEqual(['differ']);
    await page.getByLabel('Only the 1 where they differ').check();
    await expect.poll(() => page.locator('.picture').count()).toBe(1);
    await page.getByLabel('Compare with').selectOption({ label: 'nothing' });
    await expect.poll(() => page.locator('.picture').count()).toBe(2);
    visited.expectQuiet();
  });

  it('show their versions and digests, and get an alias that answers at once', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await visited.open('#/models');
    const second = page.getByRole('region', { name: 'second' });
    await second.locator('summary').click();
    expect(await second.locator('.digests li').count()).toBeGreaterThan(1);
    await second
      .getByRole('button', { name: /^Copy the digest/ })
      .first()
      .click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^sha256:[0-9a-f]{64}$/);
    await second.getByRole('button', { name: 'Point an alias here…' }).click();
    await page.getByLabel('Alias of second').fill('candidate');
    expect(await page.getByRole('dialog').innerText()).toContain('names nothing yet');
    await page.getByRole('button', { name: 'Move the alias' }).click();
    await second.locator('.chip', { hasText: 'candidate' }).waitFor();
    const answer = await fetch(`${served.address}/v1/classify?model=second:candidate&top=1`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: new Uint8Array(await readFile(photograph('black-canyon'))),
    });
    expect(await answer.json()).toMatchObject({ images: [{ predictions: [{ label: 'harmless' }] }] });
    visited.expectQuiet();
  });
});
