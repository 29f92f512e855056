import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { UpCommandOptions } from '../fleet/run-up.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Runs everything in one process, on a folder: pictures dropped into DIR/inbox are labelled, their labels lie below DIR/labels.
The service and its page answer meanwhile, with the same warm model.

No services are needed. What a crash interrupts is found again at the next start: the folder is the truth.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('up')
    .summary('watch a folder: pictures dropped in are labelled')
    .description(description)
    .argument('<dir>', 'the folder; it is made if it is missing')
    .option('--model <ref>', 'a registered model (default: content)')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--top <n>', 'labels a picture (default: 3)')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--threads <n>', 'of the engine (default: chosen for this machine)')
    .option('--batch <n>', 'pictures the engine takes at a time (default: chosen for this machine)')
    .option('--host <host>', 'where the service and its page listen (default: 127.0.0.1)')
    .option('--port <port>', 'where they listen (default: 5000, or any where that is taken)')
    .option('--health-port <port>', 'serve /health/live, /health/ready and /metrics')
    .option('--on-removed <what>', 'the label of a picture that is gone: delete or keep (default: delete)')
    .addHelpText('after', '\nExample:\n  $ rookery up photos/\n  $ cp holiday/*.jpg photos/inbox/\n')
    .action(async (dir: string, options: UpCommandOptions) => {
      const { runUp } = await import('../fleet/run-up.ts');
      await runUp(dir, options, context);
    });
}
