import type { UploadPicture, UploadProgress } from './upload-options.ts';

/** Adds up what has been sent. */
export class UploadMeter {
  readonly #sent = new Map<string, number>();
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #total: number;
  #bytes: number;
  #done: number;
  #failed = 0;

  constructor(
    private readonly all: readonly UploadPicture[],
    left: readonly UploadPicture[],
    private readonly tell: ((progress: UploadProgress) => void) | undefined,
  ) {
    const sum = (pictures: readonly UploadPicture[]): number =>
      pictures.reduce((bytes, { blob }) => bytes + blob.size, 0);
    this.#sizes = new Map(left.map(({ name, blob }) => [name, blob.size]));
    this.#total = sum(all);
    this.#bytes = this.#total - sum(left);
    this.#done = all.length - left.length;
    this.#tell();
  }

  sent(name: string, bytes: number): void {
    this.#bytes += bytes - (this.#sent.get(name) ?? 0);
    this.#sent.set(name, bytes);
    this.#tell();
  }

  done(name: string): void {
    this.#done++;
    this.sent(name, this.#sizes.get(name) ?? 0);
  }

  failed(name: string): void {
    this.#failed++;
    this.sent(name, 0);
  }

  #tell(): void {
    this.tell?.({
      pictures: { done: this.#done, failed: this.#failed, total: this.all.length },
      bytes: { sent: this.#bytes, total: this.#total },
    });
  }
}
