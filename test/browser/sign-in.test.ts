import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { violations } from './axe.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');

describe.skipIf(!chromium)(`a service that asks for keys${missing ? ` (${missing})` : ''}`, () => {
  let served: Served;
  let key = '';
  let narrow = '';
  let admin = '';
  beforeAll(async () => {
    served = await serve([], async (run) => {
      key = keyIn(await run('keys', 'create', 'field-laptop', '--scopes', 'classify,jobs,models'));
      admin = keyIn(await run('keys', 'create', 'head-office', '--scopes', 'admin'));
      narrow = keyIn(await run('keys', 'create', 'kiosk', '--scopes', 'classify'));
    });
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('lets in who has one, for as long as the session lasts, and out again', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('API key').fill('rk_not-a-key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('This key is not known here');
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.hero').waitFor();
    await page.setInputFiles('input[multiple]', photograph('black-canyon'));
    await page.locator('.bars').waitFor();
    expect(await page.evaluate(() => document.cookie)).toBe('');

    await page.reload();
    await page.locator('.hero').waitFor();
    await page.getByRole('button', { name: /Sign out/ }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.locator('.sign-in').innerText()).not.toContain('ended');
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    visited.expectQuiet();
  });

  it('keeps pictures that a session ended for, and sends them once somebody has signed in again', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const signIn = async (): Promise<void> => {
      await page.getByLabel('API key').fill(key);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await signIn();
    await page.locator('.hero').waitFor();
    await page.context().clearCookies();
    await page.setInputFiles('input[multiple]', ['black-canyon', 'acanthus-mollis'].map(photograph));
    await expect.poll(() => page.locator('.sign-in').innerText()).toContain('Your session has ended');
    await signIn();
    await expect.poll(() => page.locator('.bars').count()).toBe(2);
    expect(await page.locator('.failed').count()).toBe(0);
    visited.expectQuiet();
  });

  it('lets a visitor of the queues sign in first, says whom they are for, and leads back to where they were going', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    const deep = `${served.address}/queues/queue/rookery-jobs?status=failed`;
    await page.goto(deep);
    await page.getByLabel('API key').fill(narrow);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.locator('.empty').innerText()).toContain('The queues are for admins.');
    await page.getByRole('button', { name: /Sign out/ }).click();
    await page.getByLabel('API key').fill(admin);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(deep);
    visited.expectQuiet();
  });

  it('says what a key does not allow', async () => {
    await using visited = await visit(served.address);
    const { page } = visited;
    await page.getByLabel('API key').fill(narrow);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.hero').waitFor();
    await page.getByRole('link', { name: 'Jobs' }).click();
    await expect.poll(() => page.locator('.empty').innerText()).toContain('Your key does not allow this.');
    await page.getByRole('link', { name: 'Models' }).click();
    await page.locator('.version').first().waitFor();
    expect(await page.getByRole('button', { name: 'Load' }).count()).toBe(0);
    visited.expectQuiet();
  });
});

const keyIn = (text: string): string => /rk_[\w-]+/.exec(text)?.[0] ?? '';
