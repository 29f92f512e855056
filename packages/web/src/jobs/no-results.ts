import type { JobView } from '@rookery/client';

interface Words {
  readonly title: string;
  readonly text: string;
}

const yet: Words = { title: 'No results yet', text: 'The first ones appear as soon as they are labelled.' };
const of: Partial<Record<JobView['state'], Words>> = {
  complete: { title: 'No results', text: 'The job had no pictures.' },
  cancelled: { title: 'No results', text: 'The job was cancelled before the first picture was labelled.' },
};

/** The message where a job shows no picture. */
export const noResults = (state: JobView['state'], filtered: boolean): Words =>
  filtered ? { title: 'No picture fits', text: 'Nothing here passes the filter.' } : (of[state] ?? yet);
