import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const services = fileURLToPath(new URL('services/setup.ts', import.meta.url));
const helm = fileURLToPath(new URL('helm/setup.ts', import.meta.url));
const browser = fileURLToPath(new URL('browser/setup.ts', import.meta.url));
const undisturbed = fileURLToPath(new URL('faults/harness/setup.ts', import.meta.url));
const notProven = fileURLToPath(new URL('services/not-proven-reporter.ts', import.meta.url));

/** A busy machine gets a second try where nobody watches; each is named at the end of the run. */
const retry = process.env.CI === 'true' ? 1 : 0;

/** TensorFlow tells of all that it does otherwise. */
const env = { TF_CPP_MIN_LOG_LEVEL: '1' };

/** What packages are to each other is built: Node loads it as it is, in half the time that transforming it takes. */
const server = { deps: { external: [/\/packages\/[^/]+\/dist\//] } };

/**
 * - unit: one package, no servers. Runs on every supported Node.
 * - engines: whole models exported, made small and profiled, which takes long. With `pnpm test:engines`.
 * - services: an adapter against its real servers, which `test/services` finds or fetches.
 * - e2e: several packages as users run them.
 * - browser: the page in a real Chromium, against the command as users run it. With `pnpm test:browser`.
 * - faults: named after what goes wrong, all of it together and in one package. With `pnpm test:faults`.
 * - helm: the chart, rendered and checked against the schemas of what it makes.
 */
export default defineConfig({
  root,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          root,
          server,
          retry,
          include: ['packages/*/test/**/*.test.ts', 'infra/test/**/*.test.ts', 'test/release/**/*.test.ts'],
          exclude: ['**/*.{services,engines,faults}.test.ts', '**/node_modules/**'],
          env,
          // How long a promise may take to come true on a busy machine; it takes no longer than it needs.
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engines',
          root,
          server,
          retry,
          include: ['packages/*/test/**/*.engines.test.ts'],
          env,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'services',
          root,
          server,
          retry,
          include: ['packages/*/test/**/*.services.test.ts', 'test/services/**/*.services.test.ts'],
          globalSetup: [services],
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          root,
          server,
          retry,
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: [services],
          expect: { poll: { timeout: 15_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          root,
          server,
          retry,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: [browser],
          // Pages and machines take their time.
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          root,
          server,
          retry,
          include: ['test/faults/**/*.test.ts', 'packages/*/test/**/*.faults.test.ts'],
          // Hours: only with `pnpm test:faults --long`.
          exclude: ['**/node_modules/**', ...(process.env.ROOKERY_FAULTS_LONG ? [] : ['test/faults/long.test.ts'])],
          globalSetup: [services, undisturbed],
          // Each starts processes and servers of its own, and waits for leases more than it computes: two files at a time.
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'helm',
          root,
          server,
          retry,
          include: ['test/helm/**/*.test.ts'],
          globalSetup: [services, helm],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
    passWithNoTests: true,
    reporters: ['default', notProven],
    // Of two cores, each computes for one and waits for another: processes that start, leases that end.
    maxWorkers: 3,
  },
});
