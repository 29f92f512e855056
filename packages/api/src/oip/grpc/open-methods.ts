import { RookeryError } from '@rookery/contracts';
import type { InferenceService } from '../inference-service.ts';
import type { OpenAnswers, OpenCall } from './guard.ts';
import type { Of } from './messages/infer.ts';
import type { HealthCheckRequest } from './messages/server.ts';
import { healthMethods, inferenceMethods, inferenceName } from './services.ts';

const serving = 1;
const notServing = 2;
const serviceUnknown = 3;
const watchMs = 1_000;
const mostWatchers = 256;

/** Which service a health check is about; undefined where it does not say so in time. */
async function asked(call: OpenCall): Promise<string | undefined> {
  const message = await call.read();
  return message && (message.read() as Of<typeof HealthCheckRequest>).service;
}

/** One service, and the server as a whole. */
const isKnown = (name: string): boolean => name === '' || name === inferenceName;

/** The methods that are for everybody: whether the service lives, is ready, and what it is. */
export function openMethods(service: InferenceService, draining: AbortSignal): OpenAnswers {
  const once =
    (answer: () => unknown) =>
    (call: OpenCall): void => {
      call.send(answer());
      call.end();
    };
  const health = () => ({ status: service.notReady === undefined ? serving : notServing });
  const check = async (call: OpenCall): Promise<void> => {
    const name = (await asked(call)) ?? '';
    if (!isKnown(name)) {
      const detail = `no service is called '${name.slice(0, 100)}' here`;
      throw new RookeryError('ROUTE_NOT_FOUND', { detail });
    }
    call.send(health());
    call.end();
  };
  let watchers = 0;
  const watch = async (call: OpenCall): Promise<void> => {
    const name = await asked(call);
    const state = () => (isKnown(name ?? '') ? health() : { status: serviceUnknown });
    let told = state();
    call.send(told);
    // Told once, who is one too many or says too slowly what is meant asks again.
    if (watchers >= mostWatchers || draining.aborted || name === undefined) {
      call.end();
      return;
    }
    watchers += 1;
    const timer = setInterval(() => {
      const now = state();
      if (now.status !== told.status) call.send(now);
      told = now;
    }, watchMs).unref();
    const leave = (): void => {
      if (isKnown(name)) call.send({ status: notServing });
      call.end();
    };
    draining.addEventListener('abort', leave, { once: true });
    call.onCancel(() => {
      watchers -= 1;
      clearInterval(timer);
      draining.removeEventListener('abort', leave);
    });
  };
  const reading = (answer: (call: OpenCall) => Promise<void>) => (call: OpenCall) =>
    void answer(call).catch((thrown: unknown) => call.fail(thrown));
  return {
    [inferenceMethods.ServerLive.path]: once(() => ({ live: true })),
    [inferenceMethods.ServerReady.path]: once(() => ({ ready: service.notReady === undefined })),
    [inferenceMethods.ServerMetadata.path]: once(() => service.serverMetadata()),
    [healthMethods.Check.path]: reading(check),
    [healthMethods.Watch.path]: reading(watch),
  };
}
