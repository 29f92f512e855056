// Renews src/generated/openapi.ts from the OpenAPI document of the service: `pnpm --filter @rookery/client generate`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeService } from '@rookery/api';
import openapiTypescript, { astToString } from 'openapi-typescript';

export const generatedFile = fileURLToPath(new URL('src/generated/openapi.ts', import.meta.url));

const head = `// Made by generate.mjs from the service's OpenAPI document.
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
`;

/** What the file should hold. */
export async function generate() {
  const document = await describeService('0');
  return head + astToString(await openapiTypescript(document));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await generate();
  if (readFileSync(generatedFile, 'utf8') !== text) {
    writeFileSync(generatedFile, text);
    console.error('the types of the client are renewed');
  }
}
