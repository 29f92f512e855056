import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type GraphAdapter, RookeryError, type ServingModel } from '@rookery/contracts';
import type * as core from '@tensorflow/tfjs-core';
import { compute } from '../thread-state.ts';
import type { EngineSession, EngineSettings } from './port.ts';

type Outcome = core.Tensor | core.Tensor[] | core.NamedTensorMap;
interface Loaded {
  predict(input: core.Tensor): Outcome;
  dispose(): void;
}
interface Library {
  readonly tf: typeof core;
  loadSavedModel(path: string): Promise<Loaded>;
  loadGraphModel(handler: core.io.IOHandler): Promise<Loaded>;
  loadLayersModel(handler: core.io.IOHandler): Promise<Loaded>;
}

/** TensorFlow itself through its Node binding, or TensorFlow.js with its WebAssembly backend: SavedModel (native), graph and layers models. */
export async function loadTensorflow(model: ServingModel, settings: EngineSettings): Promise<EngineSession> {
  const { state, rows: most, found, device } = settings;
  const { input, output, preprocessing, adapt, graph } = model;
  if (!('path' in graph)) throw new RookeryError('MODEL_INVALID', { detail: `${model.format} is a folder` });
  const { width, height } = preprocessing;
  const length = width * height * 3;
  const loaded = await compute(state, async () => {
    const library = await loadLibrary(found.folder ?? '', found.name);
    try {
      return { library, network: await loadNetwork(library, model, graph.path) };
    } catch (cause) {
      if (cause instanceof RookeryError) throw cause;
      throw new RookeryError('MODEL_INVALID', {
        detail: cause instanceof Error ? cause.message : String(cause),
        cause,
      });
    }
  });
  if (!loaded) throw new RookeryError('ABORTED');
  const { tf } = loaded.library;
  const { network } = loaded;
  // TensorFlow.js has no uint8; its binding turns int32 into the uint8 that a SavedModel asks for.
  const whole = input.type === 'uint8' && !adapt;
  const batch = whole ? new Int32Array(most * length) : new Float32Array(most * length);
  const before = adapt && normaliser(tf, adapt);
  return {
    device: device === 'cpu' ? 'cpu' : 'gpu',
    batch,
    async run(rows) {
      const scores = await compute(state, async () => {
        const computed = tf.tidy(() => {
          const pixels = tf.tensor4d(
            batch.subarray(0, rows * length),
            [rows, height, width, 3],
            whole ? 'int32' : 'float32',
          );
          const outcome = only(network.predict(before ? before.apply(pixels) : pixels), output.name);
          if (adapt?.activation === 'softmax') return tf.softmax(outcome);
          return adapt?.activation === 'sigmoid' ? tf.sigmoid(outcome) : outcome;
        });
        try {
          return await computed.data();
        } finally {
          computed.dispose();
        }
      });
      if (!scores) throw new RookeryError('ABORTED');
      if (!(scores instanceof Float32Array))
        throw new RookeryError('MODEL_INVALID', { detail: 'the output is not float32' });
      return scores;
    },
    async release() {
      network.dispose();
      before?.dispose();
    },
  };
}

/** `(value * scale - mean) / std` as one multiplication and one subtraction. */
function normaliser(tf: typeof core, { scale, mean, std, channels, layout }: GraphAdapter) {
  const factor = tf.tensor1d(std.map((each) => scale / each));
  const shift = tf.tensor1d(mean.map((each, index) => each / (std[index] as number)));
  return {
    apply(pixels: core.Tensor4D): core.Tensor {
      const ordered = channels === 'bgr' ? tf.reverse(pixels, 3) : pixels;
      const normal = tf.sub(tf.mul(ordered, factor), shift);
      return layout === 'nchw' ? tf.transpose(normal, [0, 3, 1, 2]) : normal;
    },
    dispose: () => tf.dispose([factor, shift]),
  };
}

/** The output that the manifest names; where the graph has one, its name is none of our business. */
function only(outcome: Outcome, name: string): core.Tensor {
  if (Array.isArray(outcome)) {
    const [first, second] = outcome;
    if (!first || second) throw new RookeryError('MODEL_INVALID', { detail: `${outcome.length} outputs` });
    return first;
  }
  if (isTensor(outcome)) return outcome;
  const all = Object.values(outcome);
  const named = outcome[name] ?? (all.length === 1 ? all[0] : undefined);
  if (!named)
    throw new RookeryError('MODEL_INVALID', { detail: `no output ${name}, only ${Object.keys(outcome).join(', ')}` });
  return named;
}

const isTensor = (outcome: core.Tensor | core.NamedTensorMap): outcome is core.Tensor =>
  typeof (outcome as core.Tensor).dataSync === 'function';

async function loadLibrary(folder: string, name: string): Promise<Library> {
  const load = createRequire(join(folder, 'package.json'));
  if (name === 'tensorflow') {
    const module = installedNode(load);
    return { ...module, tf: module, loadSavedModel: (path) => module.node.loadSavedModel(path) };
  }
  const tf = load('@tensorflow/tfjs-core') as typeof core;
  const wasm = load('@tensorflow/tfjs-backend-wasm') as {
    setWasmPaths(folder: string): void;
    setThreadsCount(count: number): void;
  };
  const converter = load('@tensorflow/tfjs-converter') as Pick<Library, 'loadGraphModel'>;
  const layers = load('@tensorflow/tfjs-layers') as Pick<Library, 'loadLayersModel'>;
  wasm.setWasmPaths(`${dirname(load.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  // Its threads do not work in Node.
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend('wasm')))
    throw new RookeryError('ENGINE_UNAVAILABLE', { detail: 'the WebAssembly backend' });
  return {
    tf,
    loadGraphModel: converter.loadGraphModel,
    loadLayersModel: layers.loadLayersModel,
    loadSavedModel: () => {
      const detail = 'a SavedModel needs the native TensorFlow; see rookery engines list';
      throw new RookeryError('ENGINE_UNAVAILABLE', { detail });
    },
  };
}

type NodeModule = typeof core & Library & { readonly node: { loadSavedModel(path: string): Promise<Loaded> } };
function installedNode(load: NodeJS.Require): NodeModule {
  try {
    return load('@tensorflow/tfjs-node-gpu') as NodeModule;
  } catch {
    return load('@tensorflow/tfjs-node') as NodeModule;
  }
}

async function loadNetwork(library: Library, { format }: ServingModel, path: string): Promise<Loaded> {
  if (format === 'savedmodel') return library.loadSavedModel(path);
  const description = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as core.io.ModelJSON;
  const files = description.weightsManifest.flatMap(({ paths }) => paths);
  const weights = Buffer.concat(await Promise.all(files.map((file) => readFile(join(path, file)))));
  const { modelTopology, weightsManifest, signature, userDefinedMetadata, modelInitializer } = description;
  const artifacts: core.io.ModelArtifacts = {
    modelTopology,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: new Uint8Array(weights).buffer,
    ...(description.format !== undefined && { format: description.format }),
    ...(signature && { signature }),
    ...(userDefinedMetadata && { userDefinedMetadata }),
    ...(modelInitializer && { modelInitializer }),
  };
  const handler = { load: async () => artifacts };
  // Files of the first converters say nothing: a graph has nodes.
  const isGraph = description.format === 'graph-model' || 'node' in (modelTopology as object);
  return isGraph ? library.loadGraphModel(handler) : library.loadLayersModel(handler);
}
