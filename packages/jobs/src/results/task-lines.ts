import {
  type Job,
  pinDigest,
  type ResultLine,
  type Task,
  type TaskFile,
  type TaskItem,
  taskVersion,
} from '@rookery/contracts';

/** What is left to do of a task: the items without a taken-over line, in order. */
export const workOf = (file: TaskFile): TaskItem[] =>
  file.items.flatMap(({ line, ...item }) => (line === undefined ? [item] : []));

/**
 * All lines of a task in the order of its items: taken-over ones stand in the file, `lines` are those of `workOf(file)`, in its order.
 * @throws {TypeError} where their number differs: a task's result is whole or not written.
 */
export function mergeLines(file: TaskFile, lines: readonly ResultLine[]): ResultLine[] {
  let next = 0;
  const merged = file.items.map((item) => {
    const line = item.line ?? lines[next++];
    if (line === undefined) throw new TypeError(`task ${file.seq}: ${lines.length} lines are too few`);
    return line;
  });
  if (next !== lines.length) throw new TypeError(`task ${file.seq}: ${lines.length} lines instead of ${next}`);
  return merged;
}

/**
 * The message for a task of a job. Items stand in it only where none is taken over, so that a worker which finds items need not
 * look at the task file; `encodeTask` leaves them out where they do not fit.
 */
export function taskOf(
  job: Job,
  file: TaskFile,
  options: { recheck?: boolean; traceparent?: string | undefined } = {},
): Task {
  const takenOver = file.items.some(({ line }) => line !== undefined);
  return {
    v: taskVersion,
    job: job.id,
    seq: file.seq,
    pin: job.pin,
    ...(takenOver ? {} : { items: workOf(file) }),
    bucket: job.source.bucket,
    top: job.top,
    ...(options.recheck ? { recheck: true } : {}),
    ...(options.traceparent === undefined ? {} : { traceparent: options.traceparent }),
  };
}

/** The digest that stands as `model` in each of the job's lines. */
export const modelOf = (job: Job) => pinDigest(job.pin);
