import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Deployment, deploymentOf } from '@rookery/autoscale';

/** `rookery.deploy.json` beside this package, or the file that `ROOKERY_DEPLOY` names. The only place that reads the environment. @throws {Error} naming the file and what is wrong in it */
export function readConfig(): Deployment {
  const file = process.env.ROOKERY_DEPLOY ?? fileURLToPath(new URL('../rookery.deploy.json', import.meta.url));
  try {
    return deploymentOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
