import type { Client, UploadOutcome, UploadPicture, UploadProgress } from '@rookery/client';
import { createStore } from '../app/store.ts';
import type { FoundFile } from '../ui/dropped-files.ts';
import { forgetUpload, rememberedUpload, rememberUpload } from './remembered-upload.ts';

/** What the job is to be, once the pictures are there. */
export interface JobWishes {
  readonly model: string;
  readonly top: number;
  readonly note: string;
}

export type UploadState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'sending'; readonly progress: UploadProgress; readonly resumed: boolean }
  | {
      readonly phase: 'stopped';
      readonly progress: UploadProgress;
      readonly failed: UploadOutcome['failed'];
      readonly error: unknown;
    }
  | { readonly phase: 'starting' }
  | { readonly phase: 'started'; readonly job: string };

const pictureEndings = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp|jfif)$/i;

/** The files that look like pictures, each under a name of its own. */
export function picturesOf(files: readonly FoundFile[]): UploadPicture[] {
  const taken = new Map<string, number>();
  return files
    .filter(
      ({ file }) => (file.type.startsWith('image/') && file.type !== 'image/svg+xml') || pictureEndings.test(file.name),
    )
    .filter(({ file }) => file.size > 0)
    .map(({ file, path }) => {
      const before = taken.get(path) ?? 0;
      taken.set(path, before + 1);
      return { name: before === 0 ? path : numbered(path, before + 1), blob: file };
    });
}

/** `a.jpg`, `a (2).jpg`. */
const numbered = (path: string, number: number): string =>
  path.replace(/(\.[^./]*)?$/, (ending) => ` (${number})${ending}`);

/** Puts pictures into the store, one upload at a time, and makes a job of them. It continues whichever view is shown. */
export class JobUpload {
  readonly state = createStore<UploadState>({ phase: 'idle' });
  #pictures: readonly UploadPicture[] = [];
  #wishes: JobWishes = { model: '', top: 3, note: '' };
  #life = new AbortController();

  constructor(private readonly client: Client) {
    addEventListener('beforeunload', (event) => {
      if (this.state.get().phase === 'sending') event.preventDefault();
    });
  }

  get busy(): boolean {
    return /^(sending|starting)$/.test(this.state.get().phase);
  }

  start(pictures: readonly UploadPicture[], wishes: JobWishes): void {
    this.#pictures = pictures;
    this.#wishes = wishes;
    void this.#run();
  }

  /** Continues where it stopped: what has arrived is not sent again. */
  goOn(): void {
    void this.#run();
  }

  /** Makes the job of what has arrived. */
  goOnWithout(): void {
    const upload = rememberedUpload(this.#pictures);
    if (upload !== undefined) void this.#makeJob(upload);
  }

  stop(): void {
    this.#life.abort();
  }

  close(): void {
    this.#life.abort();
    this.#pictures = [];
    this.state.set({ phase: 'idle' });
  }

  async #run(): Promise<void> {
    this.#life = new AbortController();
    const { signal } = this.#life;
    const before = rememberedUpload(this.#pictures);
    let progress: UploadProgress = {
      pictures: { done: 0, failed: 0, total: this.#pictures.length },
      bytes: { sent: 0, total: this.#pictures.reduce((sum, { blob }) => sum + blob.size, 0) },
    };
    const show = (): void => {
      if (!signal.aborted) this.state.set({ phase: 'sending', progress, resumed: before !== undefined });
    };
    show();
    try {
      const outcome = await this.client.upload(this.#pictures, {
        signal,
        upload: before,
        onUpload: (upload) => rememberUpload(this.#pictures, upload),
        onProgress: (latest) => {
          progress = latest;
          show();
        },
      });
      if (outcome.failed.length > 0) {
        this.state.set({ phase: 'stopped', progress, failed: outcome.failed, error: outcome.failed[0]?.error });
        return;
      }
      await this.#makeJob(outcome.upload);
    } catch (error) {
      if (this.state.get().phase === 'idle') return;
      this.state.set({ phase: 'stopped', progress, failed: [], error: signal.aborted ? undefined : error });
    }
  }

  async #makeJob(upload: string): Promise<void> {
    this.state.set({ phase: 'starting' });
    const { model, top, note } = this.#wishes;
    try {
      const job = await this.client.jobs.create(
        { source: { kind: 'upload', upload }, top, ...(model && { model }), ...(note && { note }) },
        { idempotencyKey: `page-${upload}` },
      );
      forgetUpload();
      this.state.set({ phase: 'started', job: job.id });
    } catch (error) {
      const total = this.#pictures.length;
      const bytes = this.#pictures.reduce((sum, { blob }) => sum + blob.size, 0);
      const progress = { pictures: { done: total, failed: 0, total }, bytes: { sent: bytes, total: bytes } };
      this.state.set({ phase: 'stopped', progress, failed: [], error });
    }
  }
}
