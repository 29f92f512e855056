import type { Task } from '@rookery/contracts';

/** Says which tasks may have ended an earlier process, where the queue cannot: its count of deliveries went with it. */
export interface Suspects {
  isSuspect(task: Task): boolean;
  /** Called before a task is begun; what it resolves to is called once the task is done or given back. */
  begin(task: Task): Promise<(done: boolean) => Promise<void>>;
}
