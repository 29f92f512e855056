import { type ModelVersionFolder, type RegisteredModel, rolloutsOf } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { colours } from '../ui/colours.ts';
import { printable } from '../ui/printable.ts';
import { renderTable } from '../ui/table.ts';
import { standingsOf } from './beside-text.ts';
import { configuredRegistry, type ModelsOptions, printJson, sizeText } from './models-registry.ts';

/** `rookery models list`. What cannot be read is reported beside the rest, and by the exit code. */
export async function listModels(options: ModelsOptions, context: CommandContext): Promise<void> {
  await using registry = await configuredRegistry(options, context);
  const models = await registry.list();
  for (const { name, unreadable } of models) {
    if (!unreadable) continue;
    context.exitCode = exitCodes.failed;
    const paint = colours(context.colour.stderr);
    await context.stderr.write(`${paint.red(`error ${unreadable.code}`)}: ${name}: ${printable(unreadable.message)}\n`);
  }
  if (options.json) return printJson(models.map(summaryOf), context);
  if (models.length === 0)
    return context.stdout.write(`no models in ${registry.location}; \`rookery models add\` adds one\n`);
  const paint = colours(context.colour.stdout);
  const rows = models.flatMap((model) => [
    ...model.versions.map((version) => rowOf(model, version, paint.cyan)),
    ...model.damaged.map(({ version }) => [model.name, version, paint.red('damaged: see `rookery models verify`')]),
  ]);
  await context.stdout.write(renderTable(columns, rows));
}

const columns = [
  { title: 'MODEL' },
  { title: 'VERSION' },
  { title: 'ALIASES' },
  { title: 'VARIANTS' },
  { title: 'CLASSES', align: 'right' },
  { title: 'INPUT' },
  { title: 'SIZE', align: 'right' },
  { title: 'ADDED' },
] as const;

function rowOf(model: RegisteredModel, version: ModelVersionFolder, accent: (text: string) => string): string[] {
  const { manifest, builtIn } = version;
  const { width, height } = manifest.preprocessing;
  return [
    model.name,
    manifest.version,
    accent(aliasesOf(model, manifest.version).join(' ')),
    variantsOf(version).join(' '),
    String(manifest.signature.output.classes),
    `${width}x${height}`,
    sizeText(sizeOf(version)),
    builtIn ? 'comes with rookery' : manifest.createdAt.slice(0, 16).replace('T', ' '),
  ];
}

function summaryOf(model: RegisteredModel) {
  const { name, aliases, versions, damaged, unreadable } = model;
  return {
    name,
    aliases,
    beside: rolloutsOf(model.targets),
    versions: versions.map((version) => ({
      version: version.manifest.version,
      createdAt: version.manifest.createdAt,
      builtIn: version.builtIn,
      folder: version.folder,
      variants: variantsOf(version),
      classes: version.manifest.signature.output.classes,
      width: version.manifest.preprocessing.width,
      height: version.manifest.preprocessing.height,
      sizeBytes: sizeOf(version),
    })),
    damaged,
    ...(unreadable && { unreadable: unreadable.message }),
  };
}

/** The aliases that name it, then those that it stands beside: `production/canary`. */
const aliasesOf = ({ targets }: RegisteredModel, version: string): string[] => {
  const all = Object.entries(targets);
  return [
    ...all.flatMap(([alias, record]) => (record.version === version ? [alias] : [])),
    ...all.flatMap(([alias, record]) => standingsOf(version, alias, record).map(({ role }) => `${alias}/${role}`)),
  ];
};

/** The default one first. */
const variantsOf = ({ manifest: { variants, defaultVariant } }: ModelVersionFolder): string[] => [
  defaultVariant,
  ...Object.keys(variants).filter((variant) => variant !== defaultVariant),
];

const sizeOf = ({ manifest }: ModelVersionFolder): number =>
  manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
