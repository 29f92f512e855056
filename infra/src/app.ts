import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Deployment } from '@rookery/autoscale';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { addStacks, context } from './add-stacks.ts';
import { readConfig } from './read-config.ts';

// `pnpm synth`: writes the templates, and fails where a rule of AWS Solutions is broken without a reason. Nothing is looked up or asked.
let deployment: Deployment;
try {
  deployment = readConfig();
} catch (error) {
  // Whoever edits the file wants to know what is wrong in it, and not where that was found out.
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
const app = new App({ outdir: fileURLToPath(new URL('../cdk.out', import.meta.url)), context });
addStacks(app, deployment);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
