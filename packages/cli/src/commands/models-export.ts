import { relative, resolve } from 'node:path';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import type { ExportFormat, ExportProof, ExportSource } from '@rookery/optimizer';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { type ModelsOptions, openNamed, printJson, sizeText } from './models-registry.ts';

export interface ExportFlags extends ModelsOptions {
  readonly to: ExportFormat;
  readonly variant?: string;
  readonly output?: string;
  readonly force?: boolean;
}

/** `rookery models export`: what is written is read again and compared before it gets its name. */
export async function exportVersion(text: string, options: ExportFlags, context: CommandContext): Promise<void> {
  const { to: format, variant } = options;
  const { signal } = context;
  await using named = await openNamed(text, options, context);
  const { registry, reference } = named;
  const { manifest } = await registry.resolve(reference);
  const source = sourceOf(manifest, await registry.load(reference, { variant, signal }));
  const { openExport } = await import('../export/export-place.ts');
  const path = options.output ?? `${manifest.name}-${format}`;
  await using place = await openExport(resolve(context.cwd, path), format, options.force === true);
  const { exportFacts, exportModel, proveExport } = await import('@rookery/optimizer');
  for (const [name, bytes] of exportModel(source, format)) await place.write(name, bytes);
  const proof = await proveExport(source, format, place.read, signal);
  await place.write('labels.txt', Buffer.from(`${source.labels.join('\n')}\n`, 'utf8'));
  const own = exportFacts(source, format);
  const facts = { ...own, file: place.nameOf(own.file), labels: place.nameOf(own.labels), proof };
  await place.write('rookery.json', Buffer.from(`${JSON.stringify(facts, null, 2)}\n`, 'utf8'));
  const files = await place.commit();
  if (options.json) return printJson({ ...facts, files }, context);
  if (context.quiet) return context.stdout.write(`${place.path}\n`);
  const shown = files.map((file) => ({ ...file, path: printable(relative(context.cwd, file.path)) }));
  const width = Math.max(...shown.map((file) => file.path.length));
  const lines = shown.map((file) => `${file.path.padEnd(width)}  ${sizeText(file.sizeBytes)}`);
  await context.stdout.write(`${[...lines, proofText(proof)].join('\n')}\n`);
}

function sourceOf(manifest: ExportSource['manifest'], model: ServingModel): ExportSource {
  const { format, adapt, graph, variant, labels, sessionConfig } = model;
  if (format !== 'onnx' || adapt !== undefined || !('bytes' in graph))
    throw new RookeryError('MODEL_INVALID', {
      detail: `the variant ${variant} is ${format}; --variant names an ONNX one`,
    });
  return { manifest, variant, graph: graph.bytes, labels, sessionConfig };
}

function proofText({ difference, tolerance, pictures }: ExportProof): string {
  const scores = `read back: scores of ${pictures} random pictures`;
  if (difference === 0) return `${scores} are the model's own`;
  return `${scores} within ${difference.toExponential(1)} of the model's own (allowed: ${tolerance})`;
}
