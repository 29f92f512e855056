import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { type Colours, colours } from '../ui/colours.ts';
import { printable } from '../ui/printable.ts';
import { version } from '../version.ts';
import { type Finding, ok } from './check.ts';
import { engineFindings } from './engine.ts';
import { machineFindings } from './machine.ts';
import { placesFindings } from './places.ts';
import { servicesFindings } from './services.ts';

/** `rookery doctor`. */
export async function runDoctor(
  options: { models: string | undefined; json: boolean },
  context: CommandContext,
): Promise<void> {
  const config = await context.config({ models: { folder: options.models } });
  const findings = [
    ok('Rookery', version),
    ...machineFindings(),
    ...(await engineFindings(config)),
    ...(await placesFindings(config)),
    ...(await servicesFindings(config, context.signal)),
  ];
  if (options.json) await context.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
  else await context.stdout.write(rendered(findings, colours(context.colour.stdout)));
  if (findings.some(({ status }) => status === 'missing')) context.exitCode = exitCodes.failed;
}

function rendered(findings: readonly Finding[], paint: Colours): string {
  const marks = { ok: paint.green('ok     '), note: paint.yellow('note   '), missing: paint.red('missing') };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, status, found, todo }) => [
    `${marks[status]}  ${name.padEnd(width)}  ${printable(found)}`,
    ...(todo === undefined ? [] : [`${' '.repeat(9)}${' '.repeat(width)}  ${paint.dim(`-> ${todo}`)}`]),
  ]);
  const missingCount = findings.filter(({ status }) => status === 'missing').length;
  const verdict = missingCount === 0 ? 'Ready.' : `${missingCount} missing: see above for what to do.`;
  return `${lines.join('\n')}\n\n${verdict}\n`;
}
