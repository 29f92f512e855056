import type { PictureSettings } from '../http/picture-bodies.ts';
import type { ApiLimits } from '../limits.ts';
import type { Answer, ModelLease } from './hosted-model.ts';
import type { PictureWork } from './picture-work.ts';
import { Semaphore } from './semaphore.ts';

/** Labels one picture as it is asked for. The bytes are given away. @throws as `PictureWork.classify` */
export type Label = (
  lease: ModelLease,
  picture: Uint8Array<ArrayBuffer>,
  settings: PictureSettings,
  work: PictureWork,
) => Promise<Answer>;

/** Pictures are explained one after the other: where that needs masks, whoever only wants labels has a turn between them. */
export function labeller({ explainedLabels }: Pick<ApiLimits, 'explainedLabels'>): Label {
  const explaining = new Semaphore(1);
  return (lease, picture, { top, explain }, work) =>
    explain
      ? explaining.run(work.signal, () => work.classify(lease, picture, top, Math.min(top, explainedLabels)))
      : work.classify(lease, picture, top);
}
