import { join, relative, resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { colours } from '../ui/colours.ts';
import { labelPictures } from './label.ts';
import { placePictures } from './pictures.ts';

/** `rookery demo`. */
export async function runDemo({ folder }: { readonly folder: string }, context: CommandContext): Promise<void> {
  const paint = colours(context.colour.stdout);
  const shown = relative(context.cwd, resolve(context.cwd, folder)) || '.';
  const pictures = join(shown, 'pictures');
  const results = join(shown, 'labels.jsonl');
  const count = await placePictures(resolve(context.cwd, pictures));
  await context.stdout.write(
    `${paint.bold(`Labelling ${count} photographs`)} with "content", a MobileNetV2 that tells what may be shown (another: --model REF, or add one with \`rookery models add\`).\n\n`,
  );
  await labelPictures(pictures, results, context);
  await context.stdout.write(`
The pictures are in ${pictures}/, the results in ${results}.

Try next (in a clone \`rookery\` is \`npx -y pnpm@10 -s rookery\`):
  rookery classify ${pictures}/ --top 5 --format json
  rookery classify ${pictures}/ --annotate ${join(shown, 'annotated')}
  rookery jobs list --store ${shown}
  rookery models list
  rookery doctor
`);
}
