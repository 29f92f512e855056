export type { Imported } from './import/import-graph.ts';
export { importModel } from './import/import-model.ts';
export type { ImportOptions } from './import/import-options.ts';
export type { CalibrationPictures } from './int8/observe.ts';
export { quantiseInt8 } from './int8/quantise-int8.ts';
export { type ModelFormat, sniffFormat } from './sniff-format.ts';
export { findStableBatch, type StableBatch, type StableBatchOptions } from './stable-batch.ts';
export { importLayersModel } from './tfjs/import-layers-model.ts';
export type { LayersModel } from './tfjs/layers-to-onnx.ts';
