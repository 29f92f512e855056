import type { Reference, Registry, Verification } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { exitCodeOf } from '../exit.ts';
import { colours } from '../ui/colours.ts';
import { configuredRegistry, type ModelsOptions, printJson, referenceOf } from './models-registry.ts';

/** What was found about one version. */
interface Finding {
  readonly model: string;
  readonly intact: boolean;
  readonly files: Verification['files'];
  /** Why its manifest, or the model's folder, cannot be read. */
  readonly reason?: string;
}

/** `rookery models verify`. Exits with the code of MODEL_CORRUPT where a file is not what its digest says. */
export async function verifyModels(
  texts: readonly string[],
  options: ModelsOptions,
  context: CommandContext,
): Promise<void> {
  await using registry = await configuredRegistry(options, context);
  const findings: Finding[] = [];
  const tell = async (finding: Finding) => {
    findings.push(finding);
    if (!finding.intact) context.exitCode = exitCodeOf('MODEL_CORRUPT');
    if (!options.json) await context.stdout.write(findingText(finding, context));
  };
  const verify = async (reference: Reference) => tell(findingOf(await registry.verify(reference, context.signal)));
  if (texts.length > 0) for (const text of texts) await verify(referenceOf(text, context));
  else await verifyAll(registry, verify, tell);
  if (options.json) await printJson(findings, context);
  else if (findings.length === 0) await context.stdout.write(`no models in ${registry.location}\n`);
}

async function verifyAll(
  registry: Registry,
  verify: (reference: Reference) => Promise<void>,
  tell: (finding: Finding) => Promise<void>,
): Promise<void> {
  for (const { name, versions, damaged, unreadable } of await registry.list()) {
    for (const { manifest } of versions) await verify({ kind: 'registry', name, version: manifest.version });
    for (const { version, reason } of damaged)
      await tell({ model: `${name}@${version}`, intact: false, files: [], reason });
    if (unreadable) await tell({ model: name, intact: false, files: [], reason: unreadable.message });
  }
}

const findingOf = ({ version: { manifest }, intact, files }: Verification): Finding => ({
  model: `${manifest.name}@${manifest.version}`,
  intact,
  files,
});

function findingText({ model, intact, files, reason }: Finding, context: CommandContext): string {
  const paint = colours(context.colour.stdout);
  if (intact) return context.quiet ? '' : `${paint.green('ok')}       ${model}  ${files.length} files\n`;
  const lines = files
    .filter(({ expected, found }) => expected !== found)
    .map(({ path, expected, found }) => `  ${path}: expected ${expected}, found ${found ?? 'no such file'}\n`);
  return `${paint.red('CORRUPT')}  ${model}\n${reason ? `  ${reason}\n` : ''}${lines.join('')}`;
}
