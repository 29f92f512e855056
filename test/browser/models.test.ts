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
      // Of a third: two versions, the second of them a canary with rules, and a shadow.
      await run('models', 'add', graph, '--name', 'third', '--labels', join(starter, 'labels.txt'), ...like);
      await run('models', 'promote', 'third', '--to', 'production');
      await run('models', 'add', graph, '--name', 'third', '--labels', join(folder.path, 'labels.txt'), ...like);
      const [newest] = JSON.parse(await run('models', 'list', '--json')).find(
        ({ name }: { name: string }) => name === 'third',
      ).versions;
      const rules = ['--promote-after', '10000', '--max-errors', '0.01', '--max-latency-ratio', '1.5'];
      await run('models', 'canary', `third@${newest.version}`, '--share', '0.1', ...rules);
      await run('models', 'shadow', `third@${newest.version}`, '--share', '0.5');
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

  it('show what stands beside the version that an alias names, its share and its rule', async () => {
    await using visited = await visit(served.address);
    await visited.open('#/models');
    const third = visited.page.getByRole('region', { name: 'third' });
    await third.waitFor();
    const cards = await third.locator('.version').allInnerTexts();
    const [beside = '', main = ''] = cards.map((text) => text.replaceAll(/\s+/g, ' '));
    expect(beside).toContain('canary of production, 10.0 % shadow of production, 50.0 %');
    expect(beside).toContain('Rule decided after 10,000 pictures, errors ≤ 1.0 %, time ≤ 1.5 ×');
    expect(main).toContain('current production');
    expect(main).not.toContain('canary');
    visited.expectQuiet();
  });
});
