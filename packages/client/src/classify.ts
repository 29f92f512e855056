import type { Service } from './calls.ts';
import type { components } from './generated/openapi.ts';
import { type OnSent, sendingFetch } from './sending-fetch.ts';

export type ClassifyResponse = components['schemas']['ClassifyResponse'];
export type ClassifiedImage = components['schemas']['ClassifiedImage'];
export type Explanation = components['schemas']['Explanation'];
type ClassifySource = components['schemas']['ClassifySource'];

/** A file, bytes with a name, an address on the web, an object of a bucket. */
export type Picture =
  | Blob
  | { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> | Blob }
  | { readonly url: string }
  | { readonly s3: string };

export interface ClassifyOptions {
  /** `name`, `name:alias` or `name@version`. @default the service's own */
  readonly model?: string | undefined;
  /** Labels a picture. */
  readonly top?: number | undefined;
  /** Also where the model looked for the first labels: `explanation` of each image. A few pictures a request. */
  readonly explain?: boolean | undefined;
  readonly onSent?: OnSent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Labels pictures: one request, `images` in the order of `pictures`. A picture that cannot be labelled has an `error` of its own. */
export function classify(
  service: Service,
  pictures: Iterable<Picture>,
  { model, top, explain, onSent, signal }: ClassifyOptions = {},
): Promise<ClassifyResponse> {
  const all = [...pictures];
  const settings = { ...(model !== undefined && { model }), ...(top !== undefined && { top }) };
  const common = {
    ...(signal && { signal }),
    ...(onSent && { fetch: service.via(sendingFetch(onSent, service.platform)) }),
  };
  const files = all.map(fileOf);
  if (!files.every((file) => file !== undefined)) {
    const answer = async () => {
      const sources = await Promise.all(all.map(sourceOf));
      return service.calls.POST('/v1/classify', {
        ...common,
        body: { sources, ...settings, ...(explain && { explain }) },
      });
    };
    return service.read(answer());
  }
  const form = new FormData();
  for (const { blob, name } of files) form.append('file', blob, name);
  return service.read(
    service.calls.POST('/v1/classify', {
      ...common,
      params: { query: { ...settings, ...(explain && { explain: 'true' }) } },
      // The document cannot say that a form is a FormData.
      body: form as never,
      bodySerializer: () => form,
    }),
  );
}

const fileOf = (picture: Picture, position: number): { blob: Blob; name: string } | undefined => {
  if (picture instanceof Blob) return { blob: picture, name: nameOf(picture) ?? String(position) };
  if (!('bytes' in picture)) return undefined;
  const { bytes, name } = picture;
  return { blob: bytes instanceof Blob ? bytes : new Blob([bytes]), name };
};

const nameOf = (blob: Blob): string | undefined =>
  'name' in blob && typeof blob.name === 'string' ? blob.name : undefined;

async function sourceOf(picture: Picture, position: number): Promise<ClassifySource> {
  const file = fileOf(picture, position);
  return file ? { base64: await base64Of(file.blob), name: file.name } : (picture as { url: string } | { s3: string });
}

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
