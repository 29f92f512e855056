import { loadOnnx } from './onnx-engine.ts';
import type { EngineSession, LoadEngine } from './port.ts';

/** ONNX Runtime is there at once, since a command waits for it; the others are loaded when they are wanted. */
export const loadEngine: LoadEngine = async (model, settings): Promise<EngineSession> => {
  switch (settings.found.engine) {
    case 'tensorflow':
      return (await import('./tensorflow-engine.ts')).loadTensorflow(model, settings);
    case 'openvino':
      return (await import('./openvino-engine.ts')).loadOpenvino(model, settings);
    default:
      return loadOnnx(model, settings);
  }
};
