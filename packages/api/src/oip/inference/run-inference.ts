import { RookeryError } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { ApiContext } from '../../api-context.ts';
import type { ModelLease } from '../../serving/hosted-model.ts';
import type { PictureWork } from '../../serving/picture-work.ts';
import type { InferenceRequest, InferenceResult } from '../tensors/tensor.ts';
import type { InferenceStatistics } from './inference-statistics.ts';
import { type OutputPlan, outputTensors, planOutputs } from './outputs.ts';
import { picturesOf, type RequestedPicture } from './pictures.ts';
import { timeoutParameterMs } from './timeout-parameter.ts';

export interface InferenceParts {
  readonly context: Pick<ApiContext, 'models' | 'limits' | 'top'>;
  readonly statistics: InferenceStatistics;
  /** Of this request. */
  readonly work: PictureWork;
}

/**
 * Answers one request for inference. Its pictures are labelled in the same batches as everybody's. One that cannot be labelled fails the
 * request.
 * @throws {RookeryError} REQUEST_INVALID, REFERENCE_INVALID, MODEL_*, PICTURE_* and UNSUPPORTED_FORMAT with the element's place,
 * OVERLOADED, TIMED_OUT, ABORTED, ENGINE_FAILED.
 */
export async function runInference(
  reference: string,
  request: InferenceRequest,
  { context, statistics, work }: InferenceParts,
): Promise<InferenceResult> {
  const { models, limits, top } = context;
  const timeoutMs = timeoutParameterMs(request.parameters);
  const timer = timeoutMs && setTimeout(() => work.abandon(new RookeryError('TIMED_OUT')), timeoutMs);
  try {
    using lease = await models.use(reference);
    const { name, version, signature } = lease.hosted.resolved;
    const record = statistics.begin(name, version);
    try {
      const plan = planOutputs(request, { classes: signature.classes, top });
      const { input, pictures } = picturesOf(request, signature, limits);
      const answers = await classifyAll(input, pictures, { plan, lease, work });
      record.succeeded(answers.map(({ timings }) => timings));
      const outputs = outputTensors(plan, answers, signature.classes);
      return { id: request.id, modelName: name, modelVersion: version, outputs };
    } catch (thrown) {
      record.failed();
      throw thrown;
    }
  } finally {
    clearTimeout(timer);
  }
}

interface Classifying {
  readonly plan: OutputPlan;
  readonly lease: ModelLease;
  readonly work: PictureWork;
}

/** All are tried, so that the same request fails with the same picture each time: the first one that is bad. */
async function classifyAll(
  input: string,
  pictures: readonly RequestedPicture[],
  { plan: { top, scores }, lease, work }: Classifying,
): Promise<Classification[]> {
  const { classifier } = lease;
  const outcomes = await Promise.allSettled(
    pictures.map((picture) =>
      work.run(lease, (signal) => {
        const options = { top, scores, signal };
        return picture.kind === 'encoded'
          ? classifier.classify(picture.bytes, options)
          : classifier.classifyPixels(picture.pixels, options);
      }),
    ),
  );
  return outcomes.map((outcome, at) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    throw placed(outcome.reason, `${input}[${at}]`);
  });
}

/** Says which picture it was; what concerns the whole request goes as it is. */
function placed(thrown: unknown, place: string): unknown {
  if (!(thrown instanceof RookeryError) || !/^(PICTURE_|UNSUPPORTED_FORMAT|SCORE_)/.test(thrown.code)) return thrown;
  const detail = thrown.detail ? `${place}: ${thrown.detail}` : place;
  return new RookeryError(thrown.code, { detail, cause: thrown });
}
