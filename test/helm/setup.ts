import type { TestProject } from 'vitest/node';
import { findTools, type HelmTools } from './tools.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Or why they are not there. */
    helmTools: HelmTools | string;
  }
}

/** vitest's globalSetup: `inject('helmTools')`. In CI they must be there. */
export default async function setup(project: TestProject): Promise<void> {
  try {
    project.provide('helmTools', await findTools());
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    project.provide('helmTools', error instanceof Error ? error.message : String(error));
  }
}
