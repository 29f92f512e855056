import { asRookeryError } from '@rookery/contracts';
import type { Config } from '../config.ts';
import { type Finding, missing, note, ok } from './check.ts';

/** Two by two grey pixels, BMP: the smallest picture that goes the whole way. */
const tinyPicture = (): Uint8Array<ArrayBuffer> =>
  new Uint8Array([
    0x42, 0x4d, 0x46, 0, 0, 0, 0, 0, 0, 0, 0x36, 0, 0, 0, 0x28, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0x18, 0, 0, 0, 0,
    0, 0x10, 0, 0, 0, 0x13, 0x0b, 0, 0, 0x13, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 128, 128, 128, 128, 128, 0, 0,
    128, 128, 128, 128, 128, 128, 0, 0,
  ]);

/** Not whether it is installed, but whether it works: the starter model labels a picture. */
export async function engineFindings(config: Config): Promise<Finding[]> {
  try {
    const [{ openRegistry }, { jpegDecoder, openClassifier }] = await Promise.all([
      import('@rookery/models'),
      import('@rookery/inference'),
    ]);
    const model = await openRegistry({ folder: config.models.folder }).load('content');
    const started = performance.now();
    await using classifier = await openClassifier(model, { tuning: 'cached', device: config.classify.device });
    const loaded = performance.now();
    await classifier.classify(tinyPicture(), { top: 1 });
    const done = performance.now();
    const { engine, decoder } = classifier.pin;
    return [
      ok(
        'Engine',
        `${engine.name} ${engine.version} on ${engine.device}: model ready in ${(loaded - started).toFixed(0)} ms, a picture in ${(done - loaded).toFixed(0)} ms`,
      ),
      ok('Decoder', decoder),
      jpegDecoder() === 'libjpeg-turbo'
        ? ok('JPEG', 'libjpeg-turbo by itself')
        : note(
            'JPEG',
            'by libvips, which takes up to three times as long',
            'npm install koffi @julusian/jpeg-turbo, or libturbojpeg by the system',
          ),
    ];
  } catch (thrown) {
    const error = asRookeryError(thrown);
    return [
      missing(
        'Engine',
        `${error.code}: ${error.message}`,
        'reinstall the package for this platform; --verbose shows the cause',
      ),
    ];
  }
}
