import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

/** A module of this folder. It declares options and help; the work is imported by its action, so that help loads nothing else. */
interface CommandModule {
  register(program: Command, context: CommandContext): void;
}

interface CommandEntry {
  readonly name: string;
  /** One line of `rookery --help`. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every command, in the order of the help. Only the one that runs is loaded. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'config',
    summary: 'print the configuration in force and where it comes from',
    load: () => import('./config.ts'),
  },
];
