import type { Service } from './calls.ts';
import { askFor, putPatiently } from './put-picture.ts';
import type { OnSent } from './sending-fetch.ts';
import { ServiceError } from './service-error.ts';
import { UploadMeter } from './upload-meter.ts';
import type { UploadOptions, UploadOutcome, UploadPicture } from './upload-options.ts';

/** Addresses are asked for this many at a time, shortly before they are used. */
const slotsAtOnce = 100;

/** Puts pictures straight into the store, a bounded number at a time. Rejects only where no picture can go on. */
export async function upload(
  service: Service,
  pictures: readonly UploadPicture[],
  options: UploadOptions = {},
): Promise<UploadOutcome> {
  const { concurrency = 6, onUpload, signal } = options;
  let id = options.upload;
  const arrived = id === undefined ? new Map<string, number>() : await whatArrived(service, id, signal);
  const left = pictures.filter(({ name, blob }) => arrived.get(name) !== blob.size);
  const failed: { name: string; error: ServiceError }[] = [];
  const meter = new UploadMeter(pictures, left, options.onProgress);

  for (let at = 0; at < left.length; at += slotsAtOnce) {
    const chunk = left.slice(at, at + slotsAtOnce);
    const grant = await askFor(service, chunk, id, signal);
    if (id === undefined) onUpload?.(grant.upload);
    id = grant.upload;
    const waiting = chunk.map((picture, position) => ({ picture, slot: grant.slots[position] }));
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { picture } = next;
        const onSent: OnSent = (sent) => meter.sent(picture.name, sent);
        try {
          await putPatiently(service, picture, next.slot, grant.upload, { ...options, onSent });
          meter.done(picture.name);
        } catch (thrown) {
          signal?.throwIfAborted();
          const error =
            thrown instanceof ServiceError ? thrown : ServiceError.own('INTERRUPTED', String(thrown), thrown);
          failed.push({ name: picture.name, error });
          meter.failed(picture.name);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  }
  return { upload: id ?? '', failed };
}

/** Names and sizes of what lies in the store already. */
async function whatArrived(service: Service, upload: string, signal?: AbortSignal): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page = await service.read(
      service.calls.GET('/v1/uploads/{upload}', {
        params: { path: { upload }, query: cursor === undefined ? {} : { cursor } },
        ...(signal && { signal }),
      }),
    );
    for (const { name, sizeBytes } of page.files) found.set(name, sizeBytes);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}
