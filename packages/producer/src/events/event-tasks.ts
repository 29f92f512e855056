import { maxInlineBytes, maxItemsPerTask, type Pin, type Task, type TaskItem, taskVersion } from '@rookery/contracts';

export interface EventTasksOptions {
  readonly pin: Pin;
  readonly top: number;
  readonly recheck?: boolean;
  readonly traceparent?: string | undefined;
}

/** Tasks for pictures of one bucket that belong to no job. As many as it takes for each to fit into a message: no task file holds them. */
export function eventTasks(
  bucket: string,
  items: readonly TaskItem[],
  { pin, top, recheck, traceparent }: EventTasksOptions,
): Task[] {
  const base: Task = {
    v: taskVersion,
    pin,
    items: [],
    bucket,
    top,
    ...(recheck && { recheck: true }),
    ...(traceparent !== undefined && { traceparent }),
  };
  const room = maxInlineBytes - Buffer.byteLength(JSON.stringify(base)) - 100;
  const tasks: Task[] = [];
  let held: TaskItem[] = [];
  let heldBytes = 0;
  const close = () => {
    if (held.length > 0) tasks.push({ ...base, items: held });
    held = [];
    heldBytes = 0;
  };
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (held.length >= maxItemsPerTask || heldBytes + bytes > room) close();
    held.push(item);
    heldBytes += bytes;
  }
  close();
  return tasks;
}
