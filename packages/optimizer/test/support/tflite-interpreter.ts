import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../../../../test/services/cache.ts';
import { temporaryFolder } from '../../../../test/services/index.ts';
import { onPath, runCommand } from '../../../../test/services/run-command.ts';

const version = '2.3.0';
const runner = fileURLToPath(new URL('../../../../test/peers/run-tflite.py', import.meta.url));

export interface Run {
  readonly file: Uint8Array;
  /** The real numbers that the model gets, `[count, height, width, channels]`. */
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A run's scores: for each picture what its first output gives, as real numbers. */
export type Interpreter = (runs: readonly Run[]) => Promise<number[][][]>;

/** TensorFlow's own interpreter, from its Python package. Rejects with the reason where it cannot be had. */
export async function openInterpreter(): Promise<Interpreter> {
  const python = onPath('python3') ?? onPath('python');
  if (!python) throw new Error('there is no Python');
  const packages = await cached(`ai-edge-litert-${version}`, async (folder) => {
    const wanted = [`ai-edge-litert==${version}`, 'numpy'];
    await runCommand(python, ['-m', 'pip', 'install', '--quiet', '--target', folder, ...wanted], {
      timeoutMs: 240_000,
    });
  });
  return async (runs) => {
    using folder = temporaryFolder('tflite');
    const requests = await Promise.all(
      runs.map(async ({ file, values, shape }, n) => {
        const paths = { model: join(folder.path, `${n}.tflite`), values: join(folder.path, `${n}.values`) };
        await writeFile(paths.model, file);
        await writeFile(paths.values, values);
        return { ...paths, shape };
      }),
    );
    const [asked, answered] = [join(folder.path, 'runs.json'), join(folder.path, 'results.json')];
    await writeFile(asked, JSON.stringify(requests));
    await runCommand(python, [runner, asked, answered], { env: { PYTHONPATH: packages }, timeoutMs: 120_000 });
    const results: { rows?: number[][][]; error?: string }[] = JSON.parse(readFileSync(answered, 'utf8'));
    return results.map(({ rows, error }, n) => {
      if (!rows) throw new Error(`run ${n}: ${error}`);
      return rows.map(([first = []]) => first);
    });
  };
}
