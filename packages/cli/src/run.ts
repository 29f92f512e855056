import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import { environment } from './config/environment.ts';
import { type CommandContext, createContext } from './context.ts';
import { exitCodes, reportError } from './exit.ts';
import type { Host } from './host.ts';
import { refuseEmpty } from './refuse-empty.ts';
import { help } from './ui/help.ts';
import { version } from './version.ts';

/** Runs one command line and resolves to its exit code, everything written. Never throws. */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  const context = createContext(host);
  let isTroubleReported = false;
  try {
    const program = await createProgram(argv, context);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // Whatever went wrong after results could no longer be written went wrong by that.
    const { trouble } = context.stdout;
    isTroubleReported = trouble !== undefined;
    context.exitCode = await reportError(trouble ?? error, context);
  } finally {
    await context[Symbol.asyncDispose]();
  }
  const { trouble } = context.stdout;
  if (trouble && !isTroubleReported) context.exitCode = await reportError(trouble, context);
  return context.exitCode;
}

/** The whole command tree; only the modules of commands named in `argv` are loaded, the others stand with their summary. */
export async function createProgram(argv: readonly string[], context: CommandContext): Promise<Command> {
  const program = new Command('rookery')
    .description('Labels pictures at fleet scale.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .option('--config <file>', 'configuration file (default: rookery.config.json where it exists)')
    .option('-q, --quiet', 'only results and errors')
    .option('-v, --verbose', 'more detail in the log')
    .option('--log-file <file>', 'also log to this file, rotated')
    .option('--log-loki <url>', 'also log to Loki, such as http://loki:3100')
    .option('--no-color', 'no colours')
    .configureHelp(help)
    .addHelpText('after', '\nExample:\n  $ rookery classify photos/ --recursive --format json\n')
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      // Printed once, by reportError.
      outputError: () => {},
      getOutHasColors: () => context.colour.stdout,
      getErrHasColors: () => context.colour.stderr,
    })
    .exitOverride()
    .hook('preAction', (_program, action) => {
      refuseEmpty(action);
      context.setGlobals(action.optsWithGlobals());
    });
  for (const [name, summary, load] of commands) {
    if (argv.includes(name)) (await load()).register(program, context);
    else program.command(name).summary(summary);
  }
  if (argv.length === 0) program.help();
  // Commander answers it with the help of everything, on stderr.
  const [first, asked] = argv;
  if (first === 'help' && asked !== undefined && !commands.some(([name]) => name === asked))
    program.error(`error: unknown command '${asked}'`);
  return program;
}

/** The process itself. */
export function processHost(): Host {
  const controller = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
      // A second one ends the process at once, as it would without us.
      process.once(name, () => process.exit(name === 'SIGINT' ? 130 : 143));
    });
  }
  const { stdin, stdout, stderr } = process;
  const onHangup = (handler: () => void): Disposable => {
    process.on('SIGHUP', handler);
    return { [Symbol.dispose]: () => void process.off('SIGHUP', handler) };
  };
  return { stdin, stdout, stderr, env: environment, cwd: process.cwd(), signal: controller.signal, onHangup };
}
