export { type AnnotatedPicture, type AnnotateOptions, annotatePicture } from './annotate/annotate-picture.ts';
export * from './classifier.ts';
export type { ClassifierLog, ClassifierOptions } from './classifier-options.ts';
export { decodePicture } from './decode-picture.ts';
export { type EarlyThreads, startThreadsEarly } from './early-threads.ts';
export { type EngineInfo, engineInfo } from './engine-info.ts';
export { openClassifier } from './open-classifier.ts';
export { pictureThumbnail, type ThumbnailOptions } from './picture-thumbnail.ts';
export { defaultMaxPixels, pinOf } from './pin.ts';
