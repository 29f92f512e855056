import { createRequire } from 'node:module';
import { join } from 'node:path';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import { openvinoLibrary } from '../find-engine.ts';
import { compute } from '../thread-state.ts';
import type { EngineSession, EngineSettings } from './port.ts';

type Foreign = (...given: unknown[]) => number;
/** The part of koffi (https://koffi.dev) that is used here. */
interface Koffi {
  load(path: string): { func(declaration: string): Foreign };
  view(pointer: unknown, bytes: number): ArrayBuffer;
}

/**
 * OpenVINO by its C API (openvino/c/openvino.h), called through koffi: `openvino-node` carries no binary and fetches one from a host
 * that is no registry; the libraries inside of the Python package are the same ones.
 */
export async function loadOpenvino(model: ServingModel, settings: EngineSettings): Promise<EngineSession> {
  const { found, threads, device, rows: most, state } = settings;
  const folder = found.folder ?? '';
  const { graph, input, preprocessing } = model;
  const { width, height } = preprocessing;
  const length = width * height * 3;
  const target = device === 'cpu' ? 'CPU' : `GPU.${device}`;
  const koffi = createRequire(join(folder, 'package.json'))('koffi') as Koffi;
  const library = koffi.load(openvinoLibrary(folder) ?? '');
  const of = (declaration: string): Foreign => library.func(declaration);
  const api = {
    lastError: of('const char *ov_get_last_err_msg()') as unknown as () => string | null,
    create: of('int ov_core_create(_Out_ void **core)'),
    freeCore: of('void ov_core_free(void *core)'),
    readFile: of('int ov_core_read_model(void *core, const char *path, void *weights, _Out_ void **model)'),
    readBytes: of(
      'int ov_core_read_model_from_memory_buffer(void *core, const void *bytes, size_t length, void *weights, _Out_ void **model)',
    ),
    freeModel: of('void ov_model_free(void *model)'),
    compile: of(
      'int ov_core_compile_model(void *core, void *model, const char *device, size_t count, _Out_ void **compiled, ...)',
    ),
    freeCompiled: of('void ov_compiled_model_free(void *compiled)'),
    request: of('int ov_compiled_model_create_infer_request(void *compiled, _Out_ void **request)'),
    freeRequest: of('void ov_infer_request_free(void *request)'),
    inputTensor: of('int ov_infer_request_get_input_tensor_by_index(void *request, size_t index, _Out_ void **tensor)'),
    outputTensor: of(
      'int ov_infer_request_get_output_tensor_by_index(void *request, size_t index, _Out_ void **tensor)',
    ),
    reshape: of('int ov_tensor_set_shape(void *tensor, RookeryShape shape)'.replace('RookeryShape', shapeOf(koffi))),
    data: of('int ov_tensor_data(void *tensor, _Out_ void **data)'),
    byteSize: of('int ov_tensor_get_byte_size(void *tensor, _Out_ size_t *size)'),
    freeTensor: of('void ov_tensor_free(void *tensor)'),
    infer: of('int ov_infer_request_infer(void *request)'),
  };
  const check = (status: number, code: 'MODEL_INVALID' | 'ENGINE_FAILED' | 'DEVICE_UNAVAILABLE'): void => {
    if (status !== 0)
      throw new RookeryError(code, { detail: `OpenVINO: ${api.lastError()?.trim() || `status ${status}`}` });
  };
  const given = (fill: (out: [unknown]) => number, code: 'MODEL_INVALID' | 'ENGINE_FAILED' | 'DEVICE_UNAVAILABLE') => {
    const out: [unknown] = [null];
    check(fill(out), code);
    return out[0];
  };
  const undo: (() => void)[] = [];
  const release = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) step();
  };
  const keep = <T>(value: T, free: (value: T) => unknown): T => {
    undo.push(() => void free(value));
    return value;
  };
  try {
    const session = await compute(state, async () => {
      const core = keep(
        given((out) => api.create(out), 'ENGINE_FAILED'),
        api.freeCore,
      );
      const read = keep(
        given(
          (out) =>
            'path' in graph
              ? api.readFile(core, graph.path, null, out)
              : api.readBytes(core, graph.bytes, graph.bytes.byteLength, null, out),
          'MODEL_INVALID',
        ),
        api.freeModel,
      );
      // Without the hint some processors compute in bfloat16, which is another model.
      const properties = ['INFERENCE_PRECISION_HINT', 'f32', 'PERFORMANCE_HINT', 'LATENCY'];
      if (device === 'cpu') properties.push('NUM_STREAMS', '1', 'INFERENCE_NUM_THREADS', String(threads));
      const variadic = properties.flatMap((text) => ['str', text]);
      const compiled = keep(
        given(
          (out) => api.compile(core, read, target, properties.length, out, ...variadic),
          device === 'cpu' ? 'MODEL_INVALID' : 'DEVICE_UNAVAILABLE',
        ),
        api.freeCompiled,
      );
      const request = keep(
        given((out) => api.request(compiled, out), 'ENGINE_FAILED'),
        api.freeRequest,
      );
      const tensor = keep(
        given((out) => api.inputTensor(request, 0, out), 'ENGINE_FAILED'),
        api.freeTensor,
      );
      const shape = (rows: number) => {
        const dims = new BigInt64Array([rows, height, width, 3].map(BigInt));
        check(api.reshape(tensor, { rank: 4, dims }), 'MODEL_INVALID');
      };
      // The largest first: smaller shapes keep its memory.
      shape(most);
      const pointer = given((out) => api.data(tensor, out), 'ENGINE_FAILED');
      const memory = koffi.view(pointer, most * length * (input.type === 'uint8' ? 1 : 4));
      return { request, shape, batch: input.type === 'uint8' ? new Uint8Array(memory) : new Float32Array(memory) };
    });
    if (!session) throw new RookeryError('ABORTED');
    const { request, shape, batch } = session;
    return {
      device: target.toLowerCase(),
      batch,
      async run(rows) {
        const scores = await compute(state, async () => {
          shape(rows);
          check(api.infer(request), 'ENGINE_FAILED');
          const tensor = given((out) => api.outputTensor(request, 0, out), 'ENGINE_FAILED');
          try {
            const bytes = Number(given((out) => api.byteSize(tensor, out), 'ENGINE_FAILED'));
            const pointer = given((out) => api.data(tensor, out), 'ENGINE_FAILED');
            // A copy: the library reuses its memory.
            return new Float32Array(koffi.view(pointer, bytes).slice(0));
          } finally {
            api.freeTensor(tensor);
          }
        });
        if (!scores) throw new RookeryError('ABORTED');
        return scores;
      },
      release,
    };
  } catch (thrown) {
    await release();
    throw thrown;
  }
}

let shapes = 0;
/** `ov_shape_t`. koffi wants a new name each time a thread declares it. */
function shapeOf(koffi: Koffi): string {
  const name = `RookeryShape${shapes++}`;
  (koffi as unknown as { struct(name: string, fields: object): unknown }).struct(name, {
    rank: 'int64_t',
    dims: 'int64_t *',
  });
  return name;
}
