import { digestOf, type Pin, type Task } from '@rookery/contracts';

/** A pin of no model there is: for what never gets as far as a model. */
export const noPin: Pin = {
  model: { name: 'birds', version: '0123456789ab', variant: 'fp32' },
  graph: digestOf('graph'),
  labels: digestOf('labels'),
  preprocessing: { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' },
  stableBatch: 1,
  decode: 'exact',
  maxPixels: 50_000_000,
  engine: { name: 'onnx', version: '1.30.0', device: 'cpu' },
  decoder: 'libvips 8.18.0',
};

export const anEvent = (key: string, more: Partial<Task> = {}): Task => ({
  v: 1,
  pin: noPin,
  items: [{ key }],
  bucket: 'photos',
  top: 3,
  ...more,
});
