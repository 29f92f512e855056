import { type Job, type JobView, RookeryError } from '@rookery/contracts';
import { type FollowerParts, JobFollower } from './job-follower.ts';

/** Followers without anybody who follows; each holds about as much as its job has tasks behind a gap. */
const kept = 500;

/** One follower a job, however many want to know of it. */
export class JobFollowers {
  readonly #parts: FollowerParts;
  readonly #followers = new Map<string, JobFollower>();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** @throws {RookeryError} JOB_NOT_FOUND */
  async of(id: string): Promise<JobFollower> {
    const job = this.#followers.get(id)?.job ?? (await this.#parts.ledger.find(id));
    if (!job) throw new RookeryError('JOB_NOT_FOUND', { detail: id });
    return this.ofJob(job);
  }

  ofJob(job: Job): JobFollower {
    const known = this.#followers.get(job.id);
    const follower = known?.job.createdAt === job.createdAt ? known : new JobFollower(job, this.#parts);
    this.#followers.delete(job.id);
    this.#followers.set(job.id, follower);
    if (this.#followers.size > kept) this.#forgetOne();
    return follower;
  }

  /**
   * How far a job is, as of at most so long ago.
   * @throws {RookeryError} JOB_NOT_FOUND, those of the store
   */
  async view(id: string, maxAgeMs: number): Promise<JobView> {
    try {
      return await (await this.of(id)).look(maxAgeMs);
    } catch (thrown) {
      if (thrown instanceof RookeryError && thrown.code === 'JOB_NOT_FOUND') this.forget(id);
      throw thrown;
    }
  }

  known(id: string): Job | undefined {
    return this.#followers.get(id)?.job;
  }

  forget(id: string): void {
    this.#followers.delete(id);
  }

  #forgetOne(): void {
    for (const [id, follower] of this.#followers) {
      if (follower.isFollowed) continue;
      this.#followers.delete(id);
      return;
    }
  }
}
