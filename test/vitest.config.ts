import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * - unit: one package, no servers. Runs on every supported Node.
 * - services: an adapter against its real servers, which `test/services` finds or fetches.
 * - e2e: several packages as users run them.
 * - faults: named after what goes wrong.
 */
export default defineConfig({
  root,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: ['packages/*/test/**/*.test.ts'],
          exclude: ['**/*.services.test.ts', '**/node_modules/**'],
          testTimeout: 30_000,
        },
      },
    ],
    maxWorkers: 2,
  },
});
