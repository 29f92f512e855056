import { type ClassifiedImage, type Client, ServiceError } from '@rookery/client';
import { createStore } from '../app/store.ts';
import type { FoundFile } from '../ui/dropped-files.ts';
import { wordsOf, wordsOfCode, wordsOfPicture } from '../ui/words.ts';
import { batchOf } from './batch-of.ts';
import type { Outcome, Picture } from './picture.ts';
import { isWorthAnotherTry } from './tally.ts';
import { unreadableOf } from './unreadable.ts';

/** Labels that each picture gets; the card shows the first three. */
const top = 10;
const lanes = 2;
const waiting: Outcome = { state: 'waiting' };

/** Pictures on the start page and what becomes of them: sent a few at a time, shown as each answer comes. */
export class ClassifyQueue {
  readonly pictures = createStore<readonly Picture[]>([]);
  /** One, or two that are compared. */
  readonly models = createStore<readonly string[]>(['']);
  #nextId = 1;
  #running = 0;
  #life = new AbortController();
  /** Whether the session has ended: what waits is sent once somebody has signed in again. */
  #held = false;

  constructor(private readonly client: Client) {}

  add(files: readonly FoundFile[]): void {
    const fresh = files.map(({ file, path }): Picture => {
      const outcomes = Object.fromEntries(this.models.get().map((model) => [model, waiting]));
      return { id: this.#nextId++, name: path, file, url: URL.createObjectURL(file), outcomes };
    });
    this.pictures.update((old) => [...old, ...fresh]);
    this.#start();
  }

  /** Which models answer. Answers that are there stay. */
  ask(models: readonly string[]): void {
    this.models.set(models);
    this.pictures.update((old) =>
      old.map((picture) => ({
        ...picture,
        outcomes: Object.fromEntries(models.map((model) => [model, picture.outcomes[model] ?? waiting])),
      })),
    );
    this.#start();
  }

  /** Sends what was held back, once somebody has signed in. */
  goOn(): void {
    this.#held = false;
    this.#start();
  }

  /** Asks again for everything that failed for a reason that may have passed. */
  retry(): void {
    this.pictures.update((old) =>
      old.map((picture) => ({
        ...picture,
        outcomes: Object.fromEntries(
          Object.entries(picture.outcomes).map(([model, outcome]) => [
            model,
            outcome.state === 'failed' && isWorthAnotherTry(outcome.code) ? waiting : outcome,
          ]),
        ),
      })),
    );
    this.#start();
  }

  remove(id: number): void {
    this.pictures.update((old) =>
      old.filter((picture) => {
        if (picture.id === id) URL.revokeObjectURL(picture.url);
        return picture.id !== id;
      }),
    );
  }

  clear(): void {
    this.#life.abort();
    this.#life = new AbortController();
    for (const { url } of this.pictures.get()) URL.revokeObjectURL(url);
    this.pictures.set([]);
  }

  #start(): void {
    while (this.#running < lanes && this.#take(true)) {
      this.#running++;
      void this.#lane().finally(() => {
        this.#running--;
        // More may have come while the last lane was ending.
        if (this.#take(true)) this.#start();
      });
    }
  }

  async #lane(): Promise<void> {
    for (let batch = this.#take(); batch; batch = this.#take()) await this.#send(batch.model, batch.pictures);
  }

  /** The next pictures that wait for the same model. They are marked as taken, unless the question is only whether there are any. */
  #take(peek = false): { model: string; pictures: Picture[] } | undefined {
    if (this.#held) return undefined;
    for (const model of this.models.get()) {
      const pictures = batchOf(this.pictures.get().filter(({ outcomes }) => outcomes[model]?.state === 'waiting'));
      if (pictures.length === 0) continue;
      if (!peek) this.#set(pictures, model, () => ({ state: 'sending', share: 0 }));
      return { model, pictures };
    }
    return undefined;
  }

  async #send(model: string, pictures: Picture[]): Promise<void> {
    const { signal } = this.#life;
    try {
      const answer = await this.client.classify(
        pictures.map(({ file }) => file),
        {
          top,
          signal,
          ...(model !== '' && { model }),
          onSent: (sent, total) =>
            signal.aborted ||
            this.#set(pictures, model, () => ({ state: 'sending', share: total > 0 ? sent / total : 1 })),
        },
      );
      const said = `${answer.model.name}@${answer.model.version}`;
      this.#set(pictures, model, ({ name }, position) => outcomeOf(answer.images[position], said, name));
    } catch (thrown) {
      if (signal.aborted) return;
      // A file that was deleted or changed meanwhile fails the whole request, which looks as if the service were down.
      const gone = new Set(await unreadableOf(pictures));
      const signedOut = thrown instanceof ServiceError && thrown.code === 'UNAUTHENTICATED';
      // One picture may have made the request too large: each gets a request of its own.
      const tooMuch = thrown instanceof ServiceError && thrown.status === 413 && pictures.length > 1;
      if (tooMuch) for (const picture of pictures) await this.#send(model, [picture]);
      else if (signedOut) {
        this.#held = true;
        this.#set(pictures, model, () => waiting);
      } else if (gone.size > 0) {
        const text = wordsOfCode('SOURCE_UNREADABLE');
        this.#set(pictures, model, (picture) =>
          gone.has(picture.id) ? { state: 'failed', code: 'SOURCE_UNREADABLE', text } : waiting,
        );
      } else {
        const code = thrown instanceof ServiceError ? thrown.code : 'INTERNAL';
        this.#set(pictures, model, () => ({ state: 'failed', code, text: wordsOf(thrown) }));
      }
    }
  }

  #set(pictures: readonly Picture[], model: string, outcome: (picture: Picture, position: number) => Outcome): void {
    const positions = new Map(pictures.map(({ id }, position) => [id, position]));
    this.pictures.update((old) =>
      old.map((picture) => {
        const position = positions.get(picture.id);
        // The model may have been taken off the list meanwhile.
        if (position === undefined || !(model in picture.outcomes)) return picture;
        return { ...picture, outcomes: { ...picture.outcomes, [model]: outcome(picture, position) } };
      }),
    );
  }
}

function outcomeOf(image: ClassifiedImage | undefined, model: string, name: string): Outcome {
  if (image?.predictions) {
    const { predictions, width, height } = image;
    return { state: 'labelled', predictions, model, size: width && height ? `${width} × ${height}` : '' };
  }
  const { code, message } = image?.error ?? { code: 'INTERNAL', message: 'there is no answer for this picture' };
  return { state: 'failed', code, text: wordsOfPicture(name, code, message) };
}
