import { InferenceSession } from 'onnxruntime-node';
import { quietRuntime } from '../session.ts';

/** ONNX: one Identity from `x` to `y`, float32 of one element, operator set 13. */
const identity = 'CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN';

/** Makes the runtime set itself up (its environment, the schemas of its operators), which the first session pays for otherwise. */
export async function warmRuntime(): Promise<void> {
  quietRuntime();
  const session = await InferenceSession.create(Buffer.from(identity, 'base64'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  await session.release();
}
