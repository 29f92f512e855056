import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

interface KeysOptions {
  readonly keys?: string;
  readonly json?: boolean;
}

interface CreateOptions extends KeysOptions {
  readonly scopes: string;
  readonly expires?: string;
}

export function register(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .summary('API keys of the service: create, list, revoke')
    .description(
      'Keys lie hashed in a file; a running service sees changes within two seconds. Scopes: classify, jobs, models; admin may do everything.',
    )
    .addHelpText('after', '\nExample:\n  $ rookery keys create page --scopes classify,jobs\n');
  const file = '--keys <file>' as const;
  const fileText = "the file (default: the user's)";
  keys
    .command('create')
    .summary('make a key and print it, once')
    .argument('<name>', 'for whom or what')
    .option('--scopes <list>', 'classify, jobs, models, admin', 'classify')
    .option('--expires <time>', 'after so long, such as 90d (default: never)')
    .option(file, fileText)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery keys create page --scopes classify,jobs --expires 90d\n')
    .action(async (name: string, options: CreateOptions) => {
      const { createKeyCommand } = await import('../keys/run-keys.ts');
      await createKeyCommand(name, options, context);
    });
  keys
    .command('list')
    .summary('every key, without its secret')
    .option(file, fileText)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery keys list\n')
    .action(async (options: KeysOptions) => {
      const { listKeysCommand } = await import('../keys/run-keys.ts');
      await listKeysCommand(options, context);
    });
  keys
    .command('revoke')
    .summary('a key is refused from now on')
    .argument('<key>', 'its id, or its name where no other key in force is called so')
    .option(file, fileText)
    .addHelpText('after', '\nExample:\n  $ rookery keys revoke page\n')
    .action(async (key: string, options: KeysOptions) => {
      const { revokeKeyCommand } = await import('../keys/run-keys.ts');
      await revokeKeyCommand(key, options, context);
    });
}
