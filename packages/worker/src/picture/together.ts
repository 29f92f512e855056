import type { WorkerEvents } from '../report/worker-metrics.ts';

/** What happens to pictures and tasks is told to all of them, everything else to the first. */
export function together(counted: WorkerEvents, ...others: readonly Partial<WorkerEvents>[]): WorkerEvents {
  return {
    ...counted,
    picture: (error) => {
      counted.picture(error);
      for (const { picture } of others) picture?.(error);
    },
    task: (...what) => {
      counted.task(...what);
      for (const { task } of others) task?.(...what);
    },
    failed: (code) => {
      counted.failed(code);
      for (const { failed } of others) failed?.(code);
    },
    fetched: (...what) => {
      counted.fetched(...what);
      for (const { fetched } of others) fetched?.(...what);
    },
    classified: (timings) => {
      counted.classified(timings);
      for (const { classified } of others) classified?.(timings);
    },
    written: (seconds) => {
      counted.written(seconds);
      for (const { written } of others) written?.(seconds);
    },
  };
}
