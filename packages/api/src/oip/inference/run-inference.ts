import { RookeryError } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { ApiContext } from '../../api-context.ts';
import type { HostedModel, LabelBy, Turn } from '../../serving/hosted-model.ts';
import type { PictureWork } from '../../serving/picture-work.ts';
import type { ServedPicture } from '../../serving/served-picture.ts';
import type { InferenceRequest, InferenceResult } from '../tensors/tensor.ts';
import type { InferenceRecord, InferenceStatistics } from './inference-statistics.ts';
import { outputTensors, planOutputs } from './outputs.ts';
import { picturesOf } from './pictures.ts';
import { timeoutParameterMs } from './timeout-parameter.ts';

export interface InferenceParts {
  readonly context: Pick<ApiContext, 'models' | 'limits' | 'top'>;
  readonly statistics: InferenceStatistics;
  /** Of this request. */
  readonly work: PictureWork;
}

/**
 * Answers one request for inference. Its pictures are labelled in the same batches as everybody's. One that cannot be labelled fails the
 * request. Where the reference has a canary, it answers for its share of requests, by the hash of their pictures: an answer names one version.
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
    const begin = ({ resolved }: HostedModel): InferenceRecord => statistics.begin(resolved.name, resolved.version);
    let record = begin(lease.hosted);
    try {
      const { input, pictures } = picturesOf(request, lease.hosted.resolved.signature, limits);
      using turn = await work.turn(lease, pictures);
      if (turn.lease !== lease) record = begin(turn.lease.hosted);
      const { name, version, signature } = turn.lease.hosted.resolved;
      const plan = planOutputs(request, { classes: signature.classes, top });
      const answers = await labelAll(input, pictures, turn, work.labelBy({ top: plan.top, scores: plan.scores }));
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

/** All are tried, so that the same request fails with the same picture each time: the first one that is bad. */
async function labelAll(
  input: string,
  pictures: readonly ServedPicture[],
  turn: Turn,
  label: LabelBy,
): Promise<Classification[]> {
  const outcomes = await Promise.allSettled(pictures.map((picture) => turn.label(picture, label)));
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
