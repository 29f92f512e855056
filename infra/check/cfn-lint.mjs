// `node infra/check/cfn-lint.mjs`: cfn-lint over the templates of every preset. Needs Python with cfn-lint (`pip install cfn-lint`).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const app = fileURLToPath(new URL('../dist/app.js', import.meta.url));
const out = fileURLToPath(new URL('../cdk.out/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rookery-cfn-lint-'));
let failed = false;
for (const preset of ['small', 'spot', 'gpu']) {
  const config = join(folder, `${preset}.json`);
  writeFileSync(config, JSON.stringify({ preset }));
  const synth = spawnSync(process.execPath, [app], {
    env: { ...process.env, ROOKERY_DEPLOY: config },
    stdio: 'inherit',
  });
  const templates = readdirSync(out)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => join(out, name));
  // W3005: the CDK says a dependency twice.
  const lint = spawnSync('cfn-lint', ['-i', 'W3005', '--', ...templates], { stdio: 'inherit' });
  if (lint.error) throw lint.error;
  console.log(`${preset}: ${lint.status === 0 ? 'nothing found' : 'see above'}`);
  failed ||= synth.status !== 0 || lint.status !== 0;
}
rmSync(folder, { recursive: true });
process.exit(failed ? 1 : 0);
