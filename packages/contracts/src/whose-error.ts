import type { ErrorCode } from './errors.ts';

const pictures = /^(PICTURE|SOURCE|URL|OBJECT|BUCKET|KEY|STORE)_/;
const others: readonly string[] = ['UNSUPPORTED_FORMAT', 'SCORE_NOT_A_NUMBER'] satisfies ErrorCode[];
const requests: readonly string[] = ['ABORTED', 'TIMED_OUT', 'OVERLOADED'] satisfies ErrorCode[];

/** What fails one picture and leaves its neighbours alone. */
export const isOfPicture = (code: string): boolean => pictures.test(code) || others.includes(code);

const perhapsOfModel: readonly string[] = ['SCORE_NOT_A_NUMBER', 'PICTURE_CRASHED_WORKER'] satisfies ErrorCode[];

/** What fails a picture whatever the model is. A process that ended may have done so in the decoder or in the engine. */
export const isOfPictureAlone = (code: string): boolean => isOfPicture(code) && !perhapsOfModel.includes(code);

/** What concerns the request alone: its time is over, its caller is gone, there is no room for it. */
export const isOfRequest = (code: string): boolean => requests.includes(code);
