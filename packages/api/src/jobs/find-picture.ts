import { type Job, type JobPictureQuery, RookeryError, type TaskItem } from '@rookery/contracts';
import type { JobLedger } from '@rookery/jobs';
import { compareUtf8 } from '@rookery/storage';
import type { JobResults } from './job-results.ts';
import { parsePosition } from './line-pages.ts';
import { Recent } from './recent.ts';

/** Tasks that are searched one by one where nothing says how keys are ordered. */
const searchedTasks = 64;
const keptTasks = 256;

/** Says whether a key is a picture of a job, and which state of it was labelled: nothing else of a bucket is shown. */
export class PictureFinder {
  readonly #ledger: JobLedger;
  readonly #results: JobResults;
  readonly #tasks = new Recent<Promise<readonly TaskItem[]>>(keptTasks);

  constructor(ledger: JobLedger, results: JobResults) {
    this.#ledger = ledger;
    this.#results = results;
  }

  /** @throws {RookeryError} SOURCE_NOT_FOUND where it is none of the job */
  async find(job: Job, { key, at }: Pick<JobPictureQuery, 'key' | 'at'>): Promise<TaskItem> {
    const item = at === undefined ? await this.#search(job, key) : await this.#at(job, key, at);
    if (item) return item;
    throw new RookeryError('SOURCE_NOT_FOUND', { detail: `no picture of ${job.id} has this key` });
  }

  async #at(job: Job, key: string, at: string): Promise<TaskItem | undefined> {
    const { seq, index } = parsePosition(at);
    const line = (await this.#results.lines(job, seq))?.[index];
    if (line?.key !== key) return undefined;
    // Where it lies in its shard stands in the task alone.
    if (job.source.kind === 'shards') return (await this.#items(job, seq))[index];
    return line.etag === null ? { key } : { key, etag: line.etag };
  }

  /** A listing's keys come in the order of their bytes, so that its tasks can be halved again and again. */
  async #search(job: Job, key: string): Promise<TaskItem | undefined> {
    if (job.source.kind !== 'prefix') {
      for (let seq = 0; seq < searchedTasks; seq++) {
        const items = await this.#items(job, seq);
        const item = items.find((one) => one.key === key);
        if (item || items.length === 0) return item;
      }
      return undefined;
    }
    if (!key.startsWith(job.source.prefix)) return undefined;
    let [low, high] = [0, await this.#tasksOf(job)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const [first] = await this.#items(job, middle);
      if (first && compareUtf8(first.key, key) <= 0) low = middle;
      else high = middle;
    }
    return (await this.#items(job, low)).find((one) => one.key === key);
  }

  /** How many tasks there are, or at least so many as there are while they are still being planned. */
  async #tasksOf(job: Job): Promise<number> {
    const sealed = await this.#ledger.findSealed(job.id);
    if (sealed) return sealed.tasks;
    let end = 1;
    while ((await this.#items(job, end)).length > 0) end *= 2;
    return end;
  }

  #items(job: Job, seq: number): Promise<readonly TaskItem[]> {
    const key = `${job.id} ${job.createdAt} ${seq}`;
    const known = this.#tasks.get(key);
    if (known) return known;
    const reading = this.#ledger.findTask(job.id, seq).then((file) => {
      // It may come yet.
      if (!file) this.#tasks.delete(key);
      return file?.items ?? [];
    });
    this.#tasks.set(key, reading);
    reading.catch(() => this.#tasks.delete(key));
    return reading;
  }
}
