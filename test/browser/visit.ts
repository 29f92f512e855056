import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { temporaryFolder } from '../services/reaper.ts';

/** A browser of its own with one page, which notes everything that should not happen. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Shows a view and waits until it is there. */
  open(hash: string): Promise<void>;
  /** Nothing went to another origin, nothing was written to the console as an error, no policy was broken. */
  expectQuiet(): void;
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce';
  readonly touch?: boolean;
  /** The store's: pictures are put there. */
  readonly otherOrigin?: string;
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export async function visit(address: string, options: VisitOptions = {}): Promise<Visit> {
  const { chromium: found } = inject('browser');
  if (!found) throw new Error('there is no browser');
  const { width = 1280, height = 860, theme = 'light', reducedMotion, touch = false } = options;
  const profile = temporaryFolder('chromium');
  const context: BrowserContext = await chromium.launchPersistentContext(profile.path, {
    executablePath: found.command,
    env: { PATH: process.env.PATH ?? '', HOME: profile.path, ...found.env },
    headless: true,
    args: flags,
    viewport: { width, height },
    colorScheme: theme,
    hasTouch: touch,
    isMobile: touch,
    permissions: ['clipboard-read', 'clipboard-write'],
    ...(reducedMotion && { reducedMotion }),
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(30_000);
  const trouble: string[] = [];
  page.on('console', (message) => {
    // A request that is refused is written to the console by the browser itself; what the page makes of it is tested where it is shown.
    const isAnswer = message.text().startsWith('Failed to load resource: the server responded with a status');
    if (message.type() === 'error' && !isAnswer) trouble.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`thrown: ${error.stack ?? error.message}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== address && url.origin !== options.otherOrigin)
      trouble.push(`a request to ${url.origin}`);
  });
  await page.goto(`${address}/`);
  await page.locator('main h1').first().waitFor();
  return {
    page,
    async open(hash) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.locator('main h1, main .empty').first().waitFor();
    },
    expectQuiet: () => expect(trouble).toEqual([]),
    async [Symbol.asyncDispose]() {
      await context.close();
      profile[Symbol.dispose]();
    },
  };
}
