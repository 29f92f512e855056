// `pnpm test:faults [--long] [--seed N] [--kills N] [--restarts N] [--losses N] [--repeats N] [vitest's own...]`
//
// Without --long: each fault for itself, in minutes. With it: all of them together on one job, in hours, and a store that is away for
// minutes. A seed makes the same choices again.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const numbers = { seed: 'SEED', kills: 'KILLS', restarts: 'RESTARTS', losses: 'LOSSES', repeats: 'REPEATS' };
const { values, tokens } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    ...Object.fromEntries(Object.keys(numbers).map((name) => [name, { type: 'string' }])),
  },
  strict: false,
  tokens: true,
  allowPositionals: true,
});
const ours = new Set(['long', ...Object.keys(numbers)]);
const others = tokens.flatMap((token) => {
  if (token.kind === 'positional') return [token.value];
  return token.kind === 'option' && !ours.has(token.name)
    ? [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`]
    : [];
});
const env = { ...process.env };
for (const [name, variable] of Object.entries(numbers)) {
  const value = values[name];
  if (value === undefined) continue;
  if (!/^\d+$/.test(String(value))) {
    console.error(`--${name}: ${value} is not a whole number`);
    process.exit(2);
  }
  env[`ROOKERY_FAULTS_${variable}`] = String(value);
}
if (values.long) env.ROOKERY_FAULTS_LONG = 'true';
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const config = fileURLToPath(new URL('../vitest.config.ts', import.meta.url));
const args = [
  'run',
  '--config',
  config,
  '--project',
  'faults',
  ...(values.long ? ['long.test', 'store-troubled'] : []),
  ...others,
];
const { status } = spawnSync(process.execPath, [vitest, ...args], { stdio: 'inherit', env });
process.exit(status ?? 1);
