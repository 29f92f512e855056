/**
 * The straightforward script that the classifier is measured against: read, decode all at once with sharp's defaults, one float32
 * batch on the main thread, top three. Not edited after its first commit.
 *
 *     node plain.mjs model.onnx labels.txt picture...
 *
 * The model's input is float32 [batch, 224, 224, 3] RGB in [0, 1].
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const side = 224;
const pixels = side * side * 3;

/** Creates the session with the runtime's defaults. */
export async function load(modelPath, labelsPath) {
  const labels = (await readFile(labelsPath, 'utf8')).split('\n');
  const session = await InferenceSession.create(modelPath);
  return { labels, session };
}

/** From disk to the top three of each picture. */
export async function classify({ labels, session }, paths) {
  const decoded = await Promise.all(
    paths.map(async (path) =>
      sharp(await readFile(path))
        .resize(side, side, { fit: 'fill' })
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer(),
    ),
  );
  const input = new Float32Array(paths.length * pixels);
  decoded.forEach((picture, index) => {
    for (let i = 0; i < pixels; i++) input[index * pixels + i] = picture[i] / 255;
  });
  const feeds = { [session.inputNames[0]]: new Tensor('float32', input, [paths.length, side, side, 3]) };
  const output = (await session.run(feeds))[session.outputNames[0]];
  const classes = output.dims[1];
  return paths.map((path, index) => {
    const scores = output.data.subarray(index * classes, (index + 1) * classes);
    const top = [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 3);
    return { path, predictions: top.map((i) => ({ label: labels[i], index: i, score: scores[i] })) };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [modelPath, labelsPath, ...paths] = process.argv.slice(2);
  for (const { path, predictions } of await classify(await load(modelPath, labelsPath), paths)) {
    console.log(path, predictions.map(({ label, score }) => `${label} ${score.toFixed(3)}`).join(', '));
  }
}
