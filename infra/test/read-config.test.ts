import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/services/reaper.ts';
import { readConfig } from '../src/read-config.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['{"preset": "gpuu"}', /wrong\.json: .*preset: .*"small"\|"spot"\|"gpu"/],
  ['{"preset": ', /wrong\.json: .*JSON/],
  [undefined, /wrong\.json: .*no such file/],
])('a configuration that is %s is refused by the name of its file and of what is wrong', (text, said) => {
  using folder = temporaryFolder('deploy');
  const file = join(folder.path, 'wrong.json');
  if (text !== undefined) writeFileSync(file, text);
  vi.stubEnv('ROOKERY_DEPLOY', file);
  expect(() => readConfig()).toThrow(said);
});
