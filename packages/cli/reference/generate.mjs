// Renews docs/reference from the code: `pnpm reference`. A test keeps both equal.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { apiPage } from './api.mjs';
import { commandsPage } from './commands.mjs';
import { configurationPage } from './configuration.mjs';
import { errorsPage } from './errors.mjs';
import { metricsPage } from './metrics.mjs';

const folder = new URL('../../../docs/reference/', import.meta.url);

/** What each file of docs/reference should hold. */
export const referencePages = async () =>
  new Map([
    ['commands.md', await commandsPage()],
    ['configuration.md', await configurationPage()],
    ['api.md', await apiPage()],
    ['errors.md', errorsPage()],
    ['metrics.md', await metricsPage()],
  ]);

export const referenceFile = (name) => new URL(name, folder);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of await referencePages()) {
    if ((await readFile(referenceFile(name), 'utf8').catch(() => '')) === text) continue;
    await writeFile(referenceFile(name), text);
    process.stderr.write(`docs/reference/${name} is renewed\n`);
  }
}
