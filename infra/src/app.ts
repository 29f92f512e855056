import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { addStacks, context } from './add-stacks.ts';
import { readConfig } from './read-config.ts';

// `pnpm synth`: writes the templates, and fails where a rule of AWS Solutions is broken without a reason. Nothing is looked up or asked.
const app = new App({ outdir: fileURLToPath(new URL('../cdk.out', import.meta.url)), context });
addStacks(app, readConfig());
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
