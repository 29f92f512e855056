import type { CommandContext } from '../context.ts';
import { colours } from '../ui/colours.ts';

/** Says what goes on, on stderr, to people who wait; nothing with --quiet or --json. */
export const teller =
  (json: boolean | undefined, context: CommandContext) =>
  (line: string): void =>
    void (context.quiet || json || context.stderr.write(`${colours(context.colour.stderr).dim(line)}\n`));
