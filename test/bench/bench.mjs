// `pnpm bench NAME [--json] [...]`: each file beside this one is a benchmark, which says at its beginning what it takes.
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import process from 'node:process';

const [name = 'classify', ...args] = process.argv.slice(2);
const file = (each) => new URL(`./${each}.mjs`, import.meta.url);
const self = basename(import.meta.url, '.mjs');
const names = readdirSync(new URL('.', import.meta.url))
  .filter((each) => each.endsWith('.mjs'))
  .map((each) => basename(each, '.mjs'))
  .filter((each) => ![self, 'plain'].includes(each));

const refuse = (reason) => {
  console.error(`${reason}\nusage: pnpm bench ${names.join(' | ')} [--json] [...]`);
  process.exit(2);
};

if (!names.includes(name)) refuse(`no benchmark "${name}"`);
const { run } = await import(file(name));
try {
  await run?.(args);
} catch (error) {
  if (String(error.code).startsWith('ERR_PARSE_ARGS')) refuse(error.message);
  throw error;
}
