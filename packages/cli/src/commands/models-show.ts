import type { ModelManifest } from '@rookery/contracts';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { configuredRegistry, type ModelsOptions, printJson, referenceOf, sizeText } from './models-registry.ts';

/** `rookery models show` */
export async function showModel(text: string, options: ModelsOptions, context: CommandContext): Promise<void> {
  await using registry = await configuredRegistry(options, context);
  const reference = referenceOf(text, context);
  const shown = await registry.show(reference);
  const signatures = (await registry.signatures(reference)).map(({ key }) => key);
  if (options.json) return printJson({ ...shown, signatures }, context);
  const { manifest, folder, builtIn, aliases } = shown;
  const lines: [string, string][] = [
    ['model', `${manifest.name}@${manifest.version}`],
    ['aliases', aliases.join(', ') || 'none'],
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
