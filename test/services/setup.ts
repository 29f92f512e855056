import type { TestProject } from 'vitest/node';
import required from './required.json' with { type: 'json' };
import { type ServiceName, type Services, startServices } from './services.ts';

declare module 'vitest' {
  interface ProvidedContext {
    services: Services;
  }
}

const names = Object.keys(required) as ServiceName[];

/** What `ROOKERY_TEST_SERVICES=redis,s3` asks for; everything by default. */
const wanted = (): ServiceName[] => {
  const asked = process.env.ROOKERY_TEST_SERVICES?.split(',').map((name) => name.trim());
  return asked ? names.filter((name) => asked.includes(name)) : names;
};

/** In CI every server that this machine can have must be there, so that nothing is skipped unseen. */
function assertRequired(services: Services): void {
  const lacking = names.flatMap((name) => {
    const { available, kind, missing } = services[name];
    const kinds: readonly string[] = required[name];
    if (available && (kind === 'given' || kinds.includes(kind))) return [];
    return [`${name}: wanted ${kinds.join(' or ')}, got ${kind}${missing ? ` (${missing})` : ''}`];
  });
  if (lacking.length > 0) {
    throw new Error(`With CI=true every server of test/services/required.json must be there.\n${lacking.join('\n')}`);
  }
}

// The projects of one run share the servers; each loads this file for itself, so what they share hangs on the process.
const shared = Symbol.for('rookery.test.services');
interface Shared {
  users: number;
  readonly started: ReturnType<typeof startServices>;
}
const holder = globalThis as typeof globalThis & { [shared]?: Shared };

/** vitest's globalSetup: `inject('services')` in every test of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  holder[shared] ??= { users: 0, started: startServices(wanted()) };
  const mine = holder[shared];
  mine.users++;
  const started = await mine.started;
  const stop = async (): Promise<void> => {
    if (--mine.users > 0) return;
    delete holder[shared];
    await started[Symbol.asyncDispose]();
  };
  try {
    if (process.env.CI === 'true') assertRequired(started.service);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('services', started.service);
  return stop;
}
