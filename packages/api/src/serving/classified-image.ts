import { type ClassifiedImage, type ErrorCode, errorMessage, RookeryError } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';

/** What fails one picture and leaves its neighbours alone. */
const ofPicture = /^(PICTURE|SOURCE|URL|OBJECT|BUCKET|KEY|STORE)_/;
const others: readonly ErrorCode[] = ['UNSUPPORTED_FORMAT', 'SCORE_NOT_A_NUMBER'];

/** One picture's outcome. @throws what concerns the whole request: OVERLOADED, TIMED_OUT, ABORTED, ENGINE_FAILED. */
export async function imageOf(source: string, classify: () => Promise<Classification>): Promise<ClassifiedImage> {
  try {
    const { width, height, predictions } = await classify();
    return { source, width, height, predictions: [...predictions] };
  } catch (thrown) {
    if (!(thrown instanceof RookeryError) || !(ofPicture.test(thrown.code) || others.includes(thrown.code)))
      throw thrown;
    return { source, width: null, height: null, error: { code: thrown.code, message: errorMessage(thrown.code) } };
  }
}
