import type { Semaphore } from '../../serving/semaphore.ts';

/** When the next message of a call may be read. What is not read stays with the client: a stopped stream takes no more of it. */
export interface Pace {
  /** Calls `go` when it may. */
  read(go: () => void): void;
  received(): void;
  answered(): void;
  /** Nothing more is read. */
  end(): void;
}

/** A call with one message, which is read when one of a few places is free. */
export function onePlace(places: Semaphore): Pace {
  const controller = new AbortController();
  let entered = false;
  let leave = (): void => undefined;
  const whole = new Promise<void>((resolve) => {
    leave = resolve;
  });
  return {
    read(go) {
      // Its end is read in the same place.
      if (entered) return go();
      entered = true;
      const reading = places.run(controller.signal, () => {
        go();
        return whole;
      });
      reading.catch(() => undefined);
    },
    received: () => undefined,
    answered: () => undefined,
    end() {
      leave();
      controller.abort();
    },
  };
}

/** A stream of messages, of which so many are read and not yet answered. */
export function someAtATime(most: number): Pace {
  let open = 0;
  let waiting: (() => void) | undefined;
  return {
    read(go) {
      if (open < most) go();
      else waiting = go;
    },
    received() {
      open += 1;
    },
    answered() {
      open -= 1;
      const go = waiting;
      waiting = undefined;
      go?.();
    },
    end() {
      waiting = undefined;
    },
  };
}
