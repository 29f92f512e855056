import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { RookeryError } from '@rookery/contracts';
import type { ApiContext } from '../../api-context.ts';
import { Semaphore } from '../../serving/semaphore.ts';
import { authenticate } from './authenticate.ts';
import { CallRate } from './call-rate.ts';
import type { Received } from './method.ts';
import { onePlace, type Pace, someAtATime } from './pace.ts';
import { inferenceMethods, scopes } from './services.ts';
import { failedStatus, httpStatus } from './status.ts';

/** Answers of methods that are for everybody. What such a caller sends is read only where the answer asks for it. */
export type OpenAnswers = Readonly<Record<string, (call: OpenCall) => void>>;

/** What an open method does with its call. */
export interface OpenCall {
  send(response: unknown): void;
  end(): void;
  fail(thrown: unknown): void;
  onCancel(listener: () => void): void;
  /** The call's message; undefined where it has none, or it was not there in a moment: anybody may call, so few are read and none is waited for. */
  read(): Promise<Received<unknown> | undefined>;
}

/** Messages that arrive at the same time, all callers together: each may be as large as a request. */
const arriving = 16;
/** Messages of callers without a key, which are small and come at once. */
const arrivingOpen = 4;
const openMs = 250;
/** Of a stream, read and not yet answered. */
const openOfStream = 8;
const mostStreams = 32;

/**
 * Stands before every call: who it is from, whether there is room for more, how fast it may send. Nothing of a call is read before that
 * is known.
 */
export function guard(context: ApiContext, open: OpenAnswers): ServerInterceptor {
  const { auth, admission, counts, limits } = context;
  const places = new Semaphore(arriving);
  const openPlaces = new Semaphore(arrivingOpen);
  const rate = new CallRate(limits.requestsPerMinute);
  let streams = 0;

  const admit = (path: string, metadata: Metadata, call: ServerInterceptingCallInterface): void => {
    const caller = authenticate(metadata, auth, scopes[path] ?? 'admin');
    try {
      rate.count(caller.id ?? call.getPeer().replace(/:\d+$/, ''));
    } catch (thrown) {
      counts.refused('rate');
      throw thrown;
    }
    if (path === inferenceMethods.ModelInfer.path) admission.check(Math.max(0, timeLeft(call.getDeadline())));
    if (path === streamPath && streams >= mostStreams)
      throw new RookeryError('OVERLOADED', { detail: `${streams} streams are open`, retryAfterMs: 1_000 });
  };

  return ({ path }, call) => {
    const startedAt = performance.now();
    const isStream = path === streamPath;
    const answer = open[path];
    const pace = isStream ? someAtATime(openOfStream) : onePlace(answer ? openPlaces : places);
    let heard: ((message: Received<unknown> | undefined) => void) | undefined;
    let slow: NodeJS.Timeout | undefined;
    let ended = false;
    let counted = false;
    const cancelled: (() => void)[] = [];
    counts.inFlight(1);
    const end = (code: status): void => {
      if (ended) return;
      ended = true;
      clearTimeout(slow);
      pace.end();
      if (counted) streams -= 1;
      counts.inFlight(-1);
      counts.request(path, 'GRPC', httpStatus(code), (performance.now() - startedAt) / 1000);
    };
    const refuse = (thrown: unknown): void => {
      const failed = failedStatus(thrown);
      end(failed.code);
      call.sendStatus(failed);
    };

    return new PacedCall(call, pace, {
      start(next) {
        next({
          onReceiveMetadata(metadata, forward) {
            if (answer) {
              answer({
                send: (response) => call.sendMessage(response, () => undefined),
                end() {
                  end(status.OK);
                  call.sendStatus({ code: status.OK, details: '', metadata: null });
                },
                fail: refuse,
                onCancel: (listener) => void (ended ? listener() : cancelled.push(listener)),
                read: () =>
                  new Promise((resolve) => {
                    heard = resolve;
                    slow = setTimeout(() => resolve(undefined), openMs);
                    pace.read(() => call.startRead());
                  }),
              });
              return;
            }
            try {
              admit(path, metadata, call);
            } catch (thrown) {
              refuse(thrown);
              return;
            }
            if (isStream) {
              streams += 1;
              counted = true;
            } else slow = setTimeout(() => refuse(new RookeryError('REQUEST_TOO_SLOW')), limits.bodyMs);
            forward(metadata);
          },
          onReceiveMessage(message, forward) {
            if (answer) {
              clearTimeout(slow);
              pace.end();
              heard?.(message);
              return;
            }
            pace.received();
            forward(message);
          },
          onReceiveHalfClose(forward) {
            clearTimeout(slow);
            pace.end();
            if (answer) heard?.(undefined);
            else forward();
          },
          onCancel() {
            // Also told of calls that ended well.
            end(status.CANCELLED);
            for (const listener of cancelled) listener();
          },
        });
      },
      sendMessage(message, next) {
        next(message);
        pace.answered();
      },
      sendStatus(sent, next) {
        end(sent.code ?? status.UNKNOWN);
        next(sent);
      },
    });
  };
}

const streamPath = inferenceMethods.ModelStreamInfer.path;

type Responder = ConstructorParameters<typeof ServerInterceptingCall>[1];

/** A call whose messages are read when its pace allows. */
class PacedCall extends ServerInterceptingCall {
  readonly #pace: Pace;

  constructor(call: ServerInterceptingCallInterface, pace: Pace, responder: Responder) {
    super(call, responder);
    this.#pace = pace;
  }

  override startRead(): void {
    this.#pace.read(() => super.startRead());
  }
}

/** Until a call's deadline. Milliseconds. */
export function timeLeft(deadline: Date | number): number {
  return Number(deadline) - Date.now();
}
