import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegistry } from '../src/index.ts';
import { aFolder } from './a-draft.ts';
import { registryConformance } from './registry-conformance.ts';

registryConformance('a folder', async () => {
  const folder = join(await aFolder(), 'models');
  return {
    registry: openRegistry({ folder, builtIn: [] }),
    another: async (options) => openRegistry({ folder, builtIn: [], ...options }),
    damage: (name, version, path) => writeFile(join(folder, name, version, path), 'GRAPH'),
    [Symbol.asyncDispose]: async () => {},
  };
});
