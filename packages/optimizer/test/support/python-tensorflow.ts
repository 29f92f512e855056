import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../../../../test/services/cache.ts';
import { temporaryFolder } from '../../../../test/services/index.ts';
import { cacheFolder } from '../../../../test/services/repository.ts';
import { onPath, runCommand } from '../../../../test/services/run-command.ts';

const version = '2.21.0';
const name = `tensorflow-cpu-${version}`;
const peers = new URL('../../../../test/peers/', import.meta.url);
const isThere = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("tensorflow") is None)';

export interface TensorFlowRun {
  /** A SavedModel's files, or a `.tflite` file alone. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly pixels: Uint8Array | Float32Array;
  readonly shape: readonly number[];
}

/** A run's scores, or what TensorFlow said instead. */
export type TensorFlow = (runs: readonly TensorFlowRun[]) => Promise<(Float32Array | string)[]>;

/** What a script of `test/peers` answers to each run. */
type Script<Run extends TensorFlowRun, Answer> = (runs: readonly Run[]) => Promise<Answer[]>;

/** Scores by `run-tensorflow.py`; rejects as `openPythonScript`. */
export async function openPythonTensorFlow(): Promise<TensorFlow> {
  const answersOf = await openPythonScript<TensorFlowRun, { rows?: number[][]; error?: string }>('run-tensorflow.py');
  return async (runs) =>
    (await answersOf(runs)).map(({ rows, error = 'nothing' }) => (rows ? Float32Array.from(rows.flat()) : error));
}

/**
 * A script for TensorFlow's own Python package: that of `ROOKERY_TEST_TENSORFLOW` (a Python that has it), that of the Python on the PATH, or the
 * one that `pnpm test:engines` fetched. Rejects with the reason where there is none.
 */
export async function openPythonScript<Run extends TensorFlowRun, Answer>(
  script: string,
): Promise<Script<Run, Answer>> {
  const python = process.env.ROOKERY_TEST_TENSORFLOW ?? onPath('python3') ?? onPath('python');
  if (!python) throw new Error('there is no Python');
  const env = { TF_CPP_MIN_LOG_LEVEL: '3', ...(await packagesOf(python)) };
  return async (runs) => {
    using folder = temporaryFolder('tensorflow');
    const requests = await Promise.all(runs.map((run, n) => writeRun(join(folder.path, String(n)), run)));
    const [asked, answered] = [join(folder.path, 'runs.json'), join(folder.path, 'results.json')];
    await writeFile(asked, JSON.stringify(requests));
    await runCommand(python, [fileURLToPath(new URL(script, peers)), asked, answered], { env, timeoutMs: 240_000 });
    return JSON.parse(readFileSync(answered, 'utf8'));
  };
}

async function packagesOf(python: string): Promise<Record<string, string>> {
  const own = await runCommand(python, ['-c', isThere]).then(
    () => true,
    () => false,
  );
  if (own) return {};
  if (!existsSync(join(cacheFolder, name)) && process.env.ROOKERY_TEST_ENGINES !== 'all')
    throw new Error('Python has no TensorFlow; pnpm test:engines fetches it');
  const packages = await cached(name, async (folder) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--target', folder, `tensorflow-cpu==${version}`];
    await runCommand(python, args, { timeoutMs: 600_000 });
  });
  return { PYTHONPATH: packages };
}

/** The run with its files written; whatever else it has goes to the script as it is. */
async function writeRun(folder: string, { files, pixels, ...rest }: TensorFlowRun): Promise<object> {
  const [own, values] = [join(folder, 'model'), join(folder, 'pixels')];
  await mkdir(own, { recursive: true });
  for (const [path, bytes] of files) await writeFile(join(own, path), bytes);
  await writeFile(values, pixels);
  const model = files.has('model.tflite') ? join(own, 'model.tflite') : own;
  return { model, pixels: values, type: pixels instanceof Uint8Array ? 'uint8' : 'float32', ...rest };
}
