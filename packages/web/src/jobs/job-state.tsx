import type { JobView } from '@rookery/client';

const names: Record<JobView['state'], string> = {
  planning: 'Planning',
  running: 'Running',
  complete: 'Complete',
  cancelled: 'Cancelled',
};

export const isOver = ({ state }: JobView): boolean => state === 'complete' || state === 'cancelled';

/** The state in a word, with a dot that moves while it runs. */
export const JobState = ({ state }: { state: JobView['state'] }) => <span class={`chip ${state}`}>{names[state]}</span>;

/** From 0 to 1; `undefined` while the number of pictures is not known. */
export function shareOf({ state, pictures }: JobView): number | undefined {
  if (state === 'complete') return 1;
  if (state === 'planning' || pictures.planned === 0) return undefined;
  return pictures.done / pictures.planned;
}
