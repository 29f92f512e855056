import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { referenceFile, referencePages } from '../reference/generate.mjs';

it.each([...(await referencePages())])(
  `the documentation's %s is what the code says (renew it by: pnpm reference)`,
  async (name, text) => {
    expect(await readFile(referenceFile(name), 'utf8')).toBe(text);
  },
);
