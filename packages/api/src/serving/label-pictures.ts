import {
  type ClassifiedImage,
  ClassifyRequest,
  type ClassifyResponse,
  errorMessage,
  isOfPicture,
  RookeryError,
} from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { check } from '../http/check.ts';
import { formPictures, type PictureSettings } from '../http/picture-bodies.ts';
import { explanationView } from './explanation-view.ts';
import type { Answer, ModelLease } from './hosted-model.ts';
import type { Label } from './labeller.ts';
import type { PictureSources } from './picture-sources.ts';
import type { PictureWork } from './picture-work.ts';

/** Pictures and what labelled them. */
export interface Labelled {
  readonly lease: ModelLease;
  readonly images: ClassifiedImage[];
}

interface LabelOptions {
  readonly context: ApiContext;
  readonly label: Label;
  readonly defaults: PictureSettings;
}

export function answerOf({ lease, images }: Labelled, startedAt: number): ClassifyResponse {
  const { name, version, variant } = lease.hosted.resolved;
  const totalMs = Math.round((performance.now() - startedAt) * 1000) / 1000;
  return { model: { name, version, digest: lease.classifier.model, variant }, images, timings: { totalMs } };
}

/** The files of a form: each is labelled while the next one is read. */
export async function labelForm(
  request: FastifyRequest,
  { context, defaults, label }: LabelOptions,
): Promise<Labelled> {
  const { work } = request;
  let lease: ModelLease | undefined;
  const labelling: Promise<ClassifiedImage>[] = [];
  try {
    for await (const { name, bytes, settings } of formPictures(request, context.limits, defaults)) {
      lease ??= await context.models.use(settings.model);
      const held = lease;
      checkExplained(settings, labelling.length + 1, context);
      const one = labelPicture(name, () => label(held, bytes, settings, work));
      one.catch(() => undefined);
      labelling.push(one);
    }
    if (!lease) throw new RookeryError('REQUEST_INVALID', { detail: 'the form holds no file' });
    return { lease, images: await Promise.all(labelling) };
  } finally {
    lease?.[Symbol.dispose]();
  }
}

/** Pictures that are named in JSON: read beside each other, each labelled when it is there. */
export async function labelSources(
  body: unknown,
  {
    context,
    defaults,
    label,
    sources,
    work,
  }: LabelOptions & { readonly sources: PictureSources; readonly work: PictureWork },
): Promise<Labelled> {
  const request = check(ClassifyRequest, body, 'body');
  if (request.sources.length > context.limits.pictures)
    throw new RookeryError('REQUEST_TOO_LARGE', {
      detail: `${request.sources.length} pictures, at most ${context.limits.pictures}`,
    });
  const settings = {
    model: request.model ?? defaults.model,
    top: request.top ?? defaults.top,
    explain: request.explain ?? defaults.explain,
  };
  checkExplained(settings, request.sources.length, context);
  using lease = await context.models.use(settings.model);
  const images = await Promise.all(
    request.sources.map((source, at) =>
      labelPicture(nameOf(source, at), async () => label(lease, await sources.read(source, work), settings, work)),
    ),
  );
  return { lease, images };
}

function checkExplained({ explain }: PictureSettings, pictures: number, { limits }: ApiContext): void {
  if (explain && pictures > limits.explainedPictures)
    throw new RookeryError('REQUEST_TOO_LARGE', {
      detail: `${pictures} pictures or more to explain, at most ${limits.explainedPictures}`,
    });
}

const nameOf = (source: ClassifyRequest['sources'][number], at: number): string =>
  'url' in source ? source.url : 's3' in source ? source.s3 : (source.name ?? String(at));

/** One picture's outcome. @throws what concerns the whole request: OVERLOADED, TIMED_OUT, ABORTED, ENGINE_FAILED. */
export async function labelPicture(source: string, classify: () => Promise<Answer>): Promise<ClassifiedImage> {
  try {
    const { width, height, predictions, explanation, version } = await classify();
    return {
      source,
      width,
      height,
      predictions: [...predictions],
      ...(version && { version }),
      ...(explanation && { explanation: explanationView(explanation, predictions) }),
    };
  } catch (thrown) {
    if (!(thrown instanceof RookeryError) || !isOfPicture(thrown.code)) throw thrown;
    return { source, width: null, height: null, error: { code: thrown.code, message: errorMessage(thrown.code) } };
  }
}
