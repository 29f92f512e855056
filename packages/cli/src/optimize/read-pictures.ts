import { asRookeryError, RookeryError, type ServingModel } from '@rookery/contracts';
import { modelPixels } from '@rookery/inference';
import type { Sample } from '@rookery/optimizer';
import { expandSources } from '../classify/sources/expand.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';

/** Pictures as the model takes them, with the names that they were given by. */
export interface NamedSample extends Sample {
  readonly names: readonly string[];
}

/** More would be held in memory for little gain: 150 kB each at 224 pixels. */
const mostPictures = 2000;

/**
 * Reads and decodes pictures; those that cannot be read are reported on stderr and left out.
 * @throws {RookeryError} SOURCE_NOT_FOUND where there is none.
 */
export async function readPictures(
  named: readonly string[],
  model: ServingModel,
  {
    recursive,
    config,
    context,
  }: { readonly recursive: boolean; readonly config: Config; readonly context: CommandContext },
): Promise<NamedSample> {
  const { width, height } = model.preprocessing;
  const { signal, cwd, stdin } = context;
  const notice = (text: string): void => void (context.quiet || context.stderr.write(`${text}\n`));
  const names: string[] = [];
  const rows: (Uint8Array | Float32Array)[] = [];
  for await (const source of expandSources(named, { cwd, stdin, recursive, config, signal, notice })) {
    signal.throwIfAborted();
    if (rows.length === mostPictures) {
      notice(`the first ${mostPictures} pictures are taken`);
      break;
    }
    try {
      const bytes = await source.read({ signal, reserve: () => Promise.resolve() });
      rows.push(await modelPixels(bytes, model, { maxPixels: config.classify.maxPixels }));
      names.push(source.name);
    } catch (thrown) {
      signal.throwIfAborted();
      const { code, message } = asRookeryError(thrown, 'SOURCE_UNREADABLE');
      notice(`${source.name}: ${code}: ${message}; left out`);
    }
  }
  if (rows.length === 0) throw new RookeryError('SOURCE_NOT_FOUND', { detail: `no picture in ${named.join(', ')}` });
  const length = width * height * 3;
  const pixels =
    model.input.type === 'uint8' ? new Uint8Array(rows.length * length) : new Float32Array(rows.length * length);
  for (const [n, row] of rows.entries()) pixels.set(row, n * length);
  return { pixels, count: rows.length, width, height, names };
}
