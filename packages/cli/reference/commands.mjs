import { PassThrough } from 'node:stream';
import { commands } from '../dist/commands/index.js';
import { createContext } from '../dist/context.js';
import { createProgram } from '../dist/run.js';

/** Every command with its help, as it prints it on a terminal of 110 columns without colours. */
export async function commandsPage() {
  const stdio = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const context = createContext({ ...stdio, env: {}, cwd: '/', signal: new AbortController().signal });
  const program = await createProgram(['--', ...commands.map(([name]) => name)], context);
  const lines = [
    '# Commands',
    '',
    'What every command takes, as `rookery COMMAND --help` prints it. Exit codes: 0 all done, 1 something failed, 2 usage or configuration, 3 no such model, 130 interrupted.',
  ];
  for (const command of leavesOf(program)) {
    const path = pathOf(command);
    lines.push('', `## ${path}`, '', '```text', helpOf(command).trimEnd(), '```');
  }
  return `${lines.join('\n')}\n`;
}

function* leavesOf(command) {
  for (const child of command.commands) {
    if (child.name() === 'help') continue;
    yield child;
    yield* leavesOf(child);
  }
}

const pathOf = (command) => (command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name());

/** Texts before and after belong to what is printed, not to `helpInformation`. */
function helpOf(command) {
  let text = '';
  command.configureHelp({ ...command.configureHelp(), helpWidth: 110 });
  command.configureOutput({
    writeOut: (more) => (text += more),
    getOutHasColors: () => false,
    getOutHelpWidth: () => 110,
  });
  command.outputHelp();
  return text;
}
