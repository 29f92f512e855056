import { spawn } from 'node:child_process';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolders, RookeryError } from '@rookery/contracts';
import type { CommandContext } from '../context.ts';

export interface InstallOptions {
  /** A folder of TensorFlow, with `include` and `libtensorflow_cc.so.2` or `lib/libtensorflow.so.2`. */
  readonly libtensorflow?: string;
}

/** The last release; its binding was tried with this TensorFlow. */
const versions = { tfjs: '4.22.0', tensorflow: '2.15.1', koffi: '2.16.2', headers: '1.7.0' };

/** `rookery engines install`. The engine counts as there once its note (`engine.json`) is written, which is the last step. */
export async function installEngine(engine: string, options: InstallOptions, context: CommandContext): Promise<void> {
  if (engine !== 'tensorflow' && engine !== 'openvino')
    throw new RookeryError('USAGE', { detail: `${engine}: tensorflow or openvino can be installed` });
  const { models } = await context.config();
  // The programs run in that folder, from where a relative path would lead elsewhere.
  const folder = resolve(models.engines, engine);
  await makeFolders(folder);
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await rm(join(folder, 'engine.json'), { force: true });
  const say = (text: string) => context.stderr.write(`${text}\n`);
  const run = (program: string, args: readonly string[]) => runProgram(program, args, folder, context.signal);
  const npm = (packages: readonly string[]) =>
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages]);
  const note = async (contents: object): Promise<void> => {
    const temporary = join(folder, 'engine.json.tmp');
    await writeFile(temporary, `${JSON.stringify(contents)}\n`);
    await rename(temporary, join(folder, 'engine.json'));
  };
  if (engine === 'openvino') {
    await npm([`koffi@${versions.koffi}`]);
    await pip(run, ['openvino']);
    const found = (await readdir(join(folder, 'python'))).find((name) => /^openvino-.*\.dist-info$/.test(name));
    await note({ openvino: found?.replace(/^openvino-|\.dist-info$/g, '') ?? 'unknown' });
    await say(`OpenVINO is in ${folder}`);
    return;
  }
  await npm([
    `@tensorflow/tfjs-node@${versions.tfjs}`,
    `@tensorflow/tfjs-backend-wasm@${versions.tfjs}`,
    `node-api-headers@${versions.headers}`,
  ]);
  try {
    await note({ tensorflow: await installNative(folder, options, run) });
    await say(`TensorFlow is in ${folder}`);
  } catch (thrown) {
    if (context.signal.aborted || options.libtensorflow !== undefined) throw thrown;
    await say(`The native TensorFlow could not be built: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    await say(`TensorFlow.js with its WebAssembly backend is in ${folder}`);
  }
}

type Run = (program: string, args: readonly string[]) => Promise<string>;

const pip = (run: Run, packages: readonly string[]) =>
  run('python3', [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--no-compile',
    '--upgrade',
    '--target',
    'python',
    ...packages,
  ]);

/**
 * Compiles the binding of `@tensorflow/tfjs-node` against libtensorflow: what its own installer does where its host can be reached.
 * @returns TensorFlow's version, asked of the library.
 */
async function installNative(folder: string, options: InstallOptions, run: Run): Promise<string> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major > 22)
    throw new RookeryError('ENGINE_UNAVAILABLE', { detail: `its binding wants Node 22 at most, this is ${major}` });
  if (process.platform !== 'linux')
    throw new RookeryError('ENGINE_UNAVAILABLE', { detail: 'it is built on Linux only' });
  let libraries = options.libtensorflow === undefined ? undefined : resolve(options.libtensorflow);
  if (libraries === undefined) {
    const platform = process.arch === 'arm64' ? 'manylinux2014_aarch64' : 'manylinux2014_x86_64';
    const wheel = ['--only-binary', ':all:', '--python-version', '3.11', '--platform', platform];
    await pip(run, [...wheel, `tensorflow-cpu==${versions.tensorflow}`]);
    libraries = join(folder, 'python', 'tensorflow');
  }
  const binding = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  const target = join(binding, 'lib', 'napi-v8');
  await makeFolders(target);
  const places = [libraries, join(libraries, 'lib')];
  const names = (await Promise.all(places.map((place) => readdir(place).catch((): string[] => [])))).flat();
  const main = ['libtensorflow.so.2', 'libtensorflow_cc.so.2'].find((name) => names.includes(name));
  if (!main) throw new RookeryError('ENGINE_UNAVAILABLE', { detail: `no libtensorflow in ${libraries}` });
  await run('g++', [
    ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION', `-I${binding}`],
    ...[`-I${join(folder, 'node_modules', 'node-api-headers', 'include')}`, `-I${join(libraries, 'include')}`],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(binding, 'binding', name)),
    ...['-o', join(target, 'tfjs_binding.node')],
    ...places.flatMap((place) => [`-L${place}`, `-Wl,-rpath,${place}`]),
    ...[`-l:${main}`, '-l:libtensorflow_framework.so.2'],
  ]);
  const ask = "process.stdout.write(require('@tensorflow/tfjs-node').backend().binding.TF_Version)";
  return (await run(process.execPath, ['-e', ask])).trim();
}

/** @returns What it wrote to stdout. @throws {RookeryError} ENGINE_UNAVAILABLE with the end of its stderr. */
function runProgram(program: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = `${errors}${chunk.toString()}`.slice(-2_000);
    });
    child.on('error', (cause) =>
      fail(
        signal.aborted
          ? new RookeryError('ABORTED', { cause })
          : new RookeryError('ENGINE_UNAVAILABLE', { detail: `${program} could not be run`, cause }),
      ),
    );
    child.on('close', (code) =>
      code === 0
        ? done(out)
        : fail(new RookeryError('ENGINE_UNAVAILABLE', { detail: `${program} ended with ${code}: ${errors.trim()}` })),
    );
  });
}
