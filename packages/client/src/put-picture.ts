import type { Service } from './calls.ts';
import type { components } from './generated/openapi.ts';
import { pause } from './pause.ts';
import { type OnSent, sendingFetch } from './sending-fetch.ts';
import { errorOf, ServiceError } from './service-error.ts';
import type { UploadOptions, UploadPicture } from './upload-options.ts';

type UploadSlot = components['schemas']['UploadSlot'];

/** Addresses for pictures of one upload. */
export const askFor = (
  service: Service,
  pictures: readonly UploadPicture[],
  id: string | undefined,
  signal?: AbortSignal,
) =>
  service.read(
    service.calls.POST('/v1/uploads', {
      body: {
        ...(id !== undefined && { upload: id }),
        files: pictures.map(({ name, blob }) => ({
          name,
          sizeBytes: blob.size,
          ...(blob.type !== '' && { type: blob.type }),
        })),
      },
      ...(signal && { signal }),
    }),
  );

interface PutOptions extends UploadOptions {
  readonly onSent: OnSent;
}

/**
 * Tries again what may succeed later; an address that has run out is asked for again. The first such answer counts as no attempt: a
 * service that was started anew knows none of the addresses that it gave, and has just been waited for.
 */
export async function putPatiently(
  service: Service,
  picture: UploadPicture,
  granted: UploadSlot | undefined,
  id: string,
  { attempts = 4, signal, onSent }: PutOptions,
): Promise<void> {
  let slot = granted;
  let renewed = false;
  for (let attempt = 1; ; attempt++) {
    try {
      slot ??= (await askFor(service, [picture], id, signal)).slots[0];
      if (!slot) throw ServiceError.own('NOT_THE_SERVICE', 'no address came for the picture');
      return await put(service, picture, slot, onSent, signal);
    } catch (thrown) {
      signal?.throwIfAborted();
      const expired = thrown instanceof ServiceError && thrown.status === 403;
      if (expired && !renewed) {
        renewed = true;
        slot = undefined;
        attempt--;
        continue;
      }
      const retryable = expired || !(thrown instanceof ServiceError) || thrown.retryable;
      if (!retryable || attempt >= attempts) throw thrown;
      if (expired) slot = undefined;
      onSent(0, picture.blob.size);
      await pause(300 * 2 ** attempt * (0.5 + Math.random()), signal);
    }
  }
}

/** One picture to its address: the store's own, which must not learn who asks, or this service's. */
async function put(
  service: Service,
  { blob }: UploadPicture,
  { url, method, headers }: UploadSlot,
  onSent: OnSent,
  signal?: AbortSignal,
): Promise<void> {
  const own = url.startsWith('/');
  const sending = sendingFetch(onSent, service.platform);
  const request = new Request(own ? service.baseUrl + url : url, {
    method,
    headers,
    body: blob,
    credentials: own ? 'same-origin' : 'omit',
    ...(signal && { signal }),
  });
  const response = await (own ? service.via(sending) : sending)(request);
  if (!response.ok) throw await errorOf(response);
}
