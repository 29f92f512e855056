import { unzipSync } from 'fflate';
import { decodeModelFile } from '../onnx/codec.ts';
import { sniffFormat } from '../sniff-format.ts';
import { parsePythonNames } from './python-names.ts';

/** Labels that a file has inside, in index order, and where. */
export interface LabelsInside {
  readonly labels: readonly string[];
  readonly where: string;
}

/** More is no list of labels. */
const maxBytes = 16 * 2 ** 20;

/**
 * The labels inside an ONNX file (`names` among its metadata, as Ultralytics writes them, or those of a `ZipMap`) or a TFLite file (a text file that is packed with
 * it, as the metadata of TFLite Support are); `undefined` where there are none.
 */
export function labelsInside(bytes: Uint8Array): LabelsInside | undefined {
  try {
    switch (sniffFormat(bytes)) {
      case 'onnx':
        return insideOnnx(bytes);
      case 'tflite':
        return insideTflite(bytes);
      default:
        return undefined;
    }
  } catch {
    // What is wrong with the file is said when it is imported.
    return undefined;
  }
}

function insideOnnx(bytes: Uint8Array): LabelsInside | undefined {
  const { metadataProps, graph } = decodeModelFile(bytes);
  const names = metadataProps?.find(({ key }) => key === 'names')?.value;
  const labels = names === undefined ? undefined : parsePythonNames(names);
  if (labels) return { labels, where: 'names of its metadata' };
  const map = graph.node.find(({ opType }) => opType === 'ZipMap');
  const classes = map?.attribute.find(({ name }) => name === 'classlabels_strings')?.strings ?? [];
  const decoder = new TextDecoder();
  return classes.length > 0 ? { labels: classes.map((each) => decoder.decode(each)), where: 'its ZipMap' } : undefined;
}

function insideTflite(bytes: Uint8Array): LabelsInside | undefined {
  const zip = zipBehind(bytes);
  const files =
    zip && unzipSync(zip, { filter: ({ name, originalSize }) => /\.txt$/i.test(name) && originalSize <= maxBytes });
  if (!files) return undefined;
  const names = Object.keys(files);
  const name = names.find((each) => /label/i.test(each)) ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) return undefined;
  const lines = new TextDecoder().decode(files[name]).trimEnd().split(/\r?\n/);
  return lines.every((line) => line.trim() !== '')
    ? { labels: lines.map((line) => line.trim()), where: name }
    : undefined;
}

const endOfDirectory = Buffer.from('PK\x05\x06', 'latin1');

/** The ZIP file that stands behind a model. Places in it count from its own start or from that of the model, by who wrote it. */
function zipBehind(bytes: Uint8Array): Uint8Array | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = file.lastIndexOf(endOfDirectory);
  if (end < 0 || end + 22 > file.byteLength) return undefined;
  const start = end - file.readUInt32LE(end + 12) - file.readUInt32LE(end + 16);
  return start < 0 ? undefined : bytes.subarray(start);
}
