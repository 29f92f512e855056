import sharp from 'sharp';
import { packElements, unpackElements } from '../src/oip/tensors/byte-elements.ts';
import { aPhotograph } from './a-service.ts';

/** A request of the binary tensor extension: JSON, and the data of its inputs after it. */
export function binaryRequest(json: object, ...data: readonly Uint8Array[]) {
  const header = Buffer.from(JSON.stringify(json));
  return {
    headers: { 'inference-header-content-length': String(header.length), 'content-type': 'application/octet-stream' },
    payload: Buffer.concat([header, ...data]),
  };
}

/** `images` of encoded pictures in the binary form, and what else the request says. */
export function imagesRequest(pictures: readonly Uint8Array[], more: object = {}) {
  const data = packElements(pictures);
  const input = { name: 'images', shape: [pictures.length], datatype: 'BYTES' };
  return binaryRequest({ inputs: [{ ...input, parameters: { binary_data_size: data.length } }], ...more }, data);
}

interface Answer {
  readonly headers: Record<string, unknown>;
  readonly rawPayload: Buffer;
}

/** Reads an answer of the binary tensor extension: outputs by name, raw. */
export function binaryAnswer({ headers, rawPayload }: Answer): Record<string, Buffer> {
  let at = Number(headers['inference-header-content-length']);
  const { outputs } = JSON.parse(rawPayload.subarray(0, at).toString());
  const found: Record<string, Buffer> = {};
  for (const { name, parameters } of outputs) {
    const size = parameters?.binary_data_size;
    if (size === undefined) continue;
    found[name] = rawPayload.subarray(at, at + size);
    at += size;
  }
  if (at !== rawPayload.length) throw new Error('bytes are left');
  return found;
}

export const textsIn = (raw: Buffer | undefined, count: number): string[] =>
  unpackElements(raw ?? Buffer.alloc(0), count).map((element) => Buffer.from(element).toString());

/** A photograph in the size of the starter model, so that nothing is resized: lossless, and its pixels. */
export async function aSmallPhotograph(): Promise<{ png: Buffer; pixels: Uint8Array }> {
  const small = sharp(await aPhotograph())
    .resize(224, 224)
    .removeAlpha()
    .toColourspace('srgb');
  return { png: await small.clone().png().toBuffer(), pixels: new Uint8Array(await small.clone().raw().toBuffer()) };
}
