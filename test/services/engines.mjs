// Installs the engines that do not come along, for their tests, by the command that people use. What cannot be had is not told here: the tests
// that need it say so.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = fileOf('../../.cache/engines');

for (const engine of ['openvino', 'tensorflow']) {
  // The command's last step.
  if (existsSync(`${folder}/${engine}/engine.json`)) continue;
  const args = [fileOf('../../packages/cli/dist/rookery.js'), 'engines', 'install', engine];
  await once(
    spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, ROOKERY_ENGINES: folder } }),
    'exit',
  );
}
