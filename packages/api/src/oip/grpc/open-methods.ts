import type { InferenceService } from '../inference-service.ts';
import type { OpenAnswers, OpenCall } from './guard.ts';
import { healthMethods, inferenceMethods } from './services.ts';

const serving = 1;
const notServing = 2;
const watchMs = 1_000;
const mostWatchers = 256;

/** The methods that are for everybody: whether the service lives, is ready, and what it is. */
export function openMethods(service: InferenceService, draining: AbortSignal): OpenAnswers {
  const once =
    (answer: () => unknown) =>
    (call: OpenCall): void => {
      call.send(answer());
      call.end();
    };
  const health = () => ({ status: service.notReady === undefined ? serving : notServing });
  let watchers = 0;
  const watch = (call: OpenCall): void => {
    let told = health();
    call.send(told);
    // Told once, who is one too many asks again.
    if (watchers >= mostWatchers || draining.aborted) {
      call.end();
      return;
    }
    watchers += 1;
    const timer = setInterval(() => {
      const now = health();
      if (now.status !== told.status) call.send(now);
      told = now;
    }, watchMs).unref();
    const leave = (): void => {
      call.send({ status: notServing });
      call.end();
    };
    draining.addEventListener('abort', leave, { once: true });
    call.onCancel(() => {
      watchers -= 1;
      clearInterval(timer);
      draining.removeEventListener('abort', leave);
    });
  };
  return {
    [inferenceMethods.ServerLive.path]: once(() => ({ live: true })),
    [inferenceMethods.ServerReady.path]: once(() => ({ ready: service.notReady === undefined })),
    [inferenceMethods.ServerMetadata.path]: once(() => service.serverMetadata()),
    [healthMethods.Check.path]: once(health),
    [healthMethods.Watch.path]: watch,
  };
}
