import { runClassify } from '../classify/run.ts';
import type { CommandContext } from '../context.ts';

/** Labels the pictures of a folder: the results as a table, and as JSON lines in a file. In one process, without any service. */
export async function labelPictures(pictures: string, results: string, context: CommandContext): Promise<void> {
  const options = { model: 'content', top: '2' };
  await runClassify([`${pictures}/`], { ...options, format: 'jsonl', output: results }, context);
  await runClassify([`${pictures}/`], { ...options, format: 'table', report: true }, context);
}
