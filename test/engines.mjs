// `pnpm test:engines`: installs the engines that do not come along, by the command that people use, and runs the suite of all engines, exports and
// explanations beside TensorFlow's own Python package, and what exports, shrinks and profiles whole models. About 2.5 GB and four to six minutes, once;
// `pnpm test` runs the rest of the engines' tests, with what is installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = fileOf('../.cache/engines');
const node = async (args, env) => {
  const child = spawn(process.execPath, args, { cwd: fileOf('..'), stdio: 'inherit', env: { ...process.env, ...env } });
  return (await once(child, 'exit'))[0] ?? 1;
};

for (const engine of ['openvino', 'tensorflow']) {
  // The command's last step.
  if (existsSync(`${folder}/${engine}/engine.json`)) continue;
  await node([fileOf('../packages/cli/dist/rookery.js'), 'engines', 'install', engine], { ROOKERY_ENGINES: folder });
}
const vitest = [fileOf('../node_modules/vitest/vitest.mjs'), 'run', '--config', fileOf('vitest.config.ts')];
const tests = [
  '.engines.test.ts',
  'packages/inference/test/engines.test.ts',
  'packages/inference/test/choose-engine.test.ts',
  'packages/worker/test/sharing.test.ts',
  'packages/inference/test/explain-tensorflow.test.ts',
  'packages/optimizer/test/export-tensorflow.test.ts',
  'packages/optimizer/test/import-keras-tensorflow.test.ts',
];
process.exitCode = await node([...vitest, '--project', 'unit', '--project', 'engines', ...tests], {
  ROOKERY_TEST_ENGINES: 'all',
});
