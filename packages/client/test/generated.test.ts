import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { generate, generatedFile } from '../generate.mjs';

it('the types are those of the document that the service gives', async () => {
  const isFresh = (await readFile(generatedFile, 'utf8')) === (await generate());
  expect(isFresh, '`pnpm --filter @rookery/client generate` renews them').toBe(true);
});
