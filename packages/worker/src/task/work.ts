import type { ResultLine, TaskItem } from '@rookery/contracts';

/** What a task asks for, and where its lines go. */
export interface Work {
  /** What is to be classified, in the order of the lines. */
  readonly items: readonly TaskItem[];
  /** Also write the top label as object tags. */
  readonly tag: boolean;
  /**
   * Makes the lines durable. Resolves to the items that must be done again, since their pictures changed meanwhile; none means that the
   * task is done.
   */
  finish(lines: readonly ResultLine[], signal: AbortSignal): Promise<readonly TaskItem[]>;
  /** Whether another delivery of the task, whose lease was lost, has made this line durable meanwhile. */
  isDone(line: ResultLine, signal: AbortSignal): Promise<boolean>;
}
