import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Pin, RookeryError, type ServingModel } from '@rookery/contracts';
import type { EngineFound, EngineName } from './engine/port.ts';
import { engineVersion } from './versions.ts';

export type EngineChoice = 'auto' | EngineName;

const runs: Readonly<Record<EngineName, readonly ServingModel['format'][]>> = {
  onnx: ['onnx'],
  tensorrt: ['onnx'],
  openvino: ['onnx', 'openvino'],
  tensorflow: ['savedmodel', 'tfjs'],
};

interface Wanted {
  readonly engine?: EngineChoice | undefined;
  readonly device?: 'cpu' | readonly number[] | undefined;
  readonly enginesFolder?: string | undefined;
}

/**
 * The engine that runs a model here. Nothing is loaded: versions are read from packages. `auto` is ONNX Runtime for ONNX and what is
 * installed for the other formats.
 * @throws {RookeryError} ENGINE_UNAVAILABLE, with what to do.
 */
export function findEngine({ format, variant }: Pick<ServingModel, 'format' | 'variant'>, wanted: Wanted): EngineFound {
  const { engine = 'auto', device = 'cpu', enginesFolder } = wanted;
  const names = Object.keys(runs) as EngineName[];
  const chosen = engine === 'auto' ? names.find((name) => runs[name].includes(format)) : engine;
  if (!chosen) throw new RookeryError('ENGINE_UNAVAILABLE', { detail: `no engine runs ${format}` });
  if (!runs[chosen].includes(format)) {
    const others = names.filter((name) => runs[name].includes(format)).join(' or ');
    throw new RookeryError('ENGINE_UNAVAILABLE', {
      detail: `${chosen} does not run ${format}, which the variant ${variant} is; --engine ${others} does`,
    });
  }
  if (chosen === 'onnx') return { engine: 'onnx', name: 'onnxruntime', version: engineVersion() };
  if (chosen === 'tensorrt') {
    if (device === 'cpu') throw new RookeryError('ENGINE_UNAVAILABLE', { detail: 'tensorrt needs a GPU: --device 0' });
    return { engine: 'tensorrt', name: 'onnxruntime-tensorrt', version: engineVersion() };
  }
  const found = findInstalled(chosen, enginesFolder).find(
    ({ name }) => format !== 'savedmodel' || name === 'tensorflow',
  );
  if (found) return found;
  const detail =
    format === 'savedmodel' && findInstalled(chosen, enginesFolder).length > 0
      ? 'a SavedModel needs the native TensorFlow, and only TensorFlow.js is here'
      : `${chosen} is not installed`;
  throw new RookeryError('ENGINE_UNAVAILABLE', { detail: `${detail}; rookery engines install ${chosen}` });
}

/** Every engine of this machine that runs a format on the processor. The first is the one that is taken where nothing was measured. */
export function enginesFor(format: ServingModel['format'], enginesFolder: string | undefined): EngineFound[] {
  const names = (Object.keys(runs) as EngineName[]).filter((name) => runs[name].includes(format));
  return names.flatMap((name) => {
    if (name === 'tensorrt') return [];
    if (name === 'onnx') return [findEngine({ format, variant: '' }, { engine: name })];
    const found = findInstalled(name, enginesFolder);
    return found.filter((each) => format !== 'savedmodel' || each.name === 'tensorflow').slice(0, 1);
  });
}

/** The engine that a pin names; `auto` for one that is not known here. */
export function engineOf({ engine: { name } }: Pin): EngineChoice {
  if (name === 'onnxruntime') return 'onnx';
  if (name === 'onnxruntime-tensorrt') return 'tensorrt';
  if (name === 'tensorflow' || name === 'tensorflow.js-wasm') return 'tensorflow';
  return name === 'openvino' ? name : 'auto';
}

/** What `rookery engines install` put into the folder, best first. */
export function findInstalled(engine: 'tensorflow' | 'openvino', enginesFolder: string | undefined): EngineFound[] {
  if (enginesFolder === undefined) return [];
  const folder = join(enginesFolder, engine);
  if (!existsSync(join(folder, 'package.json'))) return [];
  const require = createRequire(join(folder, 'package.json'));
  const noted = readNote(folder);
  if (engine === 'openvino') {
    const there = openvinoLibrary(folder) !== undefined && noted.openvino !== undefined;
    return there ? [{ engine, name: 'openvino', version: noted.openvino as string, folder }] : [];
  }
  const version = versionOf(require, '@tensorflow/tfjs-backend-wasm');
  return [
    ...(noted.tensorflow === undefined ? [] : [{ engine, name: 'tensorflow', version: noted.tensorflow, folder }]),
    ...(version === undefined ? [] : [{ engine, name: 'tensorflow.js-wasm', version, folder }]),
  ];
}

/** OpenVINO's C library, from its Python package. */
export function openvinoLibrary(folder: string): string | undefined {
  const libraries = join(folder, 'python', 'openvino', 'libs');
  const name =
    existsSync(libraries) && readdirSync(libraries).find((each) => /^(lib)?openvino_c\.(so|dll|.*dylib)/.test(each));
  return name ? join(libraries, name) : undefined;
}

/** What was seen to work when it was installed, by version. */
function readNote(folder: string): { readonly tensorflow?: string; readonly openvino?: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8')) as { tensorflow?: string; openvino?: string };
  } catch {
    return {};
  }
}

function versionOf(require: NodeJS.Require, name: string): string | undefined {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}
