// Fetches what the tests need while something else goes on: `test/run.mjs` starts it beside the build.
import { bundled } from './bundled.mjs';

const { fetched } = await bundled('fetch.ts');
await fetched;
