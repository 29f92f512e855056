import { RookeryError, type ServingModel } from '@rookery/contracts';
import { Tensor } from 'onnxruntime-node';
import { createSession } from '../session.ts';
import { compute } from '../thread-state.ts';
import type { EngineSession, EngineSettings } from './port.ts';

/** ONNX Runtime: the processor, CUDA, or TensorRT. */
export async function loadOnnx(model: ServingModel, settings: EngineSettings): Promise<EngineSession> {
  const { graph, sessionConfig, input, output, preprocessing } = model;
  const { state, threads, device, found, rows: most } = settings;
  const session = await createSession(state, graph, {
    threads,
    device,
    tensorrt: found.engine === 'tensorrt',
    ...(sessionConfig && { config: sessionConfig }),
  });
  if (!session.inputNames.includes(input.name) || !session.outputNames.includes(output.name)) {
    await session.release();
    throw new RookeryError('MODEL_INVALID', { detail: `the graph has no ${input.name} or no ${output.name}` });
  }
  const { width, height } = preprocessing;
  const length = width * height * 3;
  const batch = input.type === 'uint8' ? new Uint8Array(most * length) : new Float32Array(most * length);
  return {
    device: device === 'cpu' ? 'cpu' : `cuda ${device}`,
    batch,
    async run(rows) {
      const filled = batch.subarray(0, rows * length);
      const shape = [rows, height, width, 3];
      const tensor =
        filled instanceof Uint8Array ? new Tensor('uint8', filled, shape) : new Tensor('float32', filled, shape);
      const results = await compute(state, () => session.run({ [input.name]: tensor }, [output.name]));
      if (!results) throw new RookeryError('ABORTED');
      const scores = results[output.name];
      if (!(scores?.data instanceof Float32Array)) {
        throw new RookeryError('MODEL_INVALID', {
          detail: `the output is ${scores?.type} [${scores?.dims.join(', ')}]`,
        });
      }
      return scores.data;
    },
    release: () => session.release(),
  };
}
