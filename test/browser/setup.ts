import type { TestProject } from 'vitest/node';
import { type Chromium, findChromium } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    browser: { readonly chromium?: Chromium; readonly missing?: string };
  }
}

/** vitest's globalSetup: `inject('browser')`. In CI there must be one, so that nothing is skipped unseen. */
export default async function setup(project: TestProject): Promise<void> {
  try {
    project.provide('browser', { chromium: await findChromium() });
  } catch (error) {
    const missing = error instanceof Error ? error.message : String(error);
    if (process.env.CI === 'true')
      throw new Error(`With CI=true a Chromium must be there: ${missing}`, { cause: error });
    project.provide('browser', { missing });
  }
}
