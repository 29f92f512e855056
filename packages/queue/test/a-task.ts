import { digestOf, type Pin, type Task } from '@rookery/contracts';

const aPin: Pin = {
  model: { name: 'birds', version: '0123456789ab', variant: 'fp32' },
  graph: digestOf('graph'),
  labels: digestOf('labels'),
  preprocessing: { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' },
  stableBatch: 1,
  decode: 'exact',
  maxPixels: 50_000_000,
  engine: { name: 'onnxruntime', version: '1.30.0', device: 'cpu' },
  decoder: 'libvips 8.17.3',
};

/** A task of bucket events with one picture. */
export const aTask = (key: string): Task => ({ v: 1, pin: aPin, bucket: 'photos', items: [{ key }], top: 3 });

/** A task of a job. */
export const aJobTask = (seq: number, keys: readonly string[] = [`${seq}.jpg`]): Task => ({
  v: 1,
  job: 'a-job',
  seq,
  pin: aPin,
  bucket: 'photos',
  items: keys.map((key) => ({ key, etag: 'd41d8cd98f00b204e9800998ecf8427e' })),
  top: 3,
});
