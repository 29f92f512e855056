import type { Job } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';

/**
 * One empty object a job, named so that a listing gives the newest first: a page of jobs costs a page, however many there are. A hint
 * beside `job.json`, put before it: what names no job, or another time than the job's own, is passed over. No job is called `.newest`.
 */
export const newestFolder = 'jobs/.newest/';
/** Beyond any time that a clock may show, in milliseconds since the epoch. */
export const latestMs = 9_999_999_999_999;
export const newestName = (id: string, createdAt: string): string =>
  `${String(latestMs - Date.parse(createdAt)).padStart(13, '0')}-${id}`;

export const newestKey = ({ id, createdAt }: Pick<Job, 'id' | 'createdAt'>): string =>
  `${newestFolder}${newestName(id, createdAt)}`;

export const putNewest = async (store: ObjectStore, job: Job): Promise<void> =>
  void (await store.put(newestKey(job), '', { ifAbsent: true }));
