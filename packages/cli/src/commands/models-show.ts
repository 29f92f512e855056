import type { AliasRecord, ModelManifest } from '@rookery/contracts';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { standingsOf } from './beside-text.ts';
import { configuredRegistry, type ModelsOptions, printJson, referenceOf, sizeText } from './models-registry.ts';

/** `rookery models show` */
export async function showModel(text: string, options: ModelsOptions, context: CommandContext): Promise<void> {
  await using registry = await configuredRegistry(options, context);
  const reference = referenceOf(text, context);
  const shown = await registry.show(reference);
  const signatures = (await registry.signatures(reference)).map(({ key }) => key);
  const { manifest, folder, builtIn } = shown;
  const named = await Promise.all(shown.aliases.map((alias) => registry.readAlias(manifest.name, alias)));
  const records = shown.aliases.flatMap((alias, at) => (named[at] ? [{ alias, record: named[at] }] : []));
  const aliases = records.flatMap(({ alias, record }) => (record.version === manifest.version ? [alias] : []));
  const beside = records.flatMap(({ alias, record }) => standingsOf(manifest.version, alias, record));
  if (options.json) return printJson({ ...shown, aliases, beside: besideJson(records), signatures }, context);
  const lines: [string, string][] = [
    ['model', `${manifest.name}@${manifest.version}`],
    ['aliases', aliases.join(', ') || 'none'],
    ...beside.map(({ role, text }): [string, string] => [role, text]),
    ['added', builtIn ? 'comes with rookery' : manifest.createdAt],
    [folder.includes('://') ? 'address' : 'folder', folder],
    ...(signatures.length > 0 ? [['signed with', signatures.join(', ')] satisfies [string, string]] : []),
    ['source', sourceOf(manifest)],
    ['classes', `${manifest.signature.output.classes} (${manifest.labels})`],
    ['picture', pictureOf(manifest)],
    ['model input', inputOf(manifest)],
    ...Object.entries(manifest.metrics ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(manifest.variants).map(([name, variant]): [string, string] => [
      `variant ${name}`,
      [
        `${variant.format} ${variant.path}`,
        ...(name === manifest.defaultVariant ? ['default'] : []),
        ...(variant.stableBatch > 1 ? [`batches padded to ${variant.stableBatch}`] : []),
      ].join(', '),
    ]),
    ...manifest.files.map(({ path, sizeBytes, digest }): [string, string] => [
      'file',
      `${path}  ${sizeText(sizeBytes)}  ${digest}`,
    ]),
  ];
  const width = Math.max(...lines.map(([title]) => title.length));
  await context.stdout.write(lines.map(([title, value]) => `${title.padEnd(width)}  ${printable(value)}\n`).join(''));
}

interface NamedBy {
  readonly alias: string;
  readonly record: AliasRecord;
}

/** Of the aliases that name it in whichever way: what stands beside their main version. */
const besideJson = (records: readonly NamedBy[]) =>
  Object.fromEntries(
    records.flatMap(({ alias, record: { version, canary, shadow, rules } }) =>
      canary || shadow ? [[alias, { version, canary, shadow, rules }]] : [],
    ),
  );

const sourceOf = ({ provenance: { source, licence, importer } }: ModelManifest): string =>
  [source, ...(licence ? [licence] : []), `imported by ${importer}`].join(', ');

const pictureOf = ({ preprocessing: { width, height, resize, kernel }, decode, signature }: ModelManifest): string =>
  `${width}x${height} ${signature.input.type}, ${resize}, ${kernel}, ${decode} decoding`;

const inputOf = ({ normalisation: { layout, channels, scale, mean, std } }: ModelManifest): string =>
  `${layout} ${channels}, (value * ${fraction(scale)} - [${mean.join(', ')}]) / [${std.join(', ')}]`;

/** `1/255` rather than its decimals. */
function fraction(scale: number): string {
  const parts = Math.round(1 / scale);
  return parts > 1 && Math.abs(scale * parts - 1) < 1e-6 ? `1/${parts}` : String(scale);
}
