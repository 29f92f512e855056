import { deploymentOf } from '@rookery/autoscale';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { temporaryFolder } from '../../test/services/reaper.ts';
import { addStacks, context } from '../src/add-stacks.ts';

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: templates are whatever CloudFormation takes
  readonly Properties: any;
  readonly DependsOn?: readonly string[];
}

export interface Synthesised {
  readonly base: Template;
  readonly fleet: Template;
  /** Of the fleet, by type. */
  of(type: string): Resource[];
  readonly logicalIds: (type: string) => string[];
}

/** The templates of a configuration. Throws where a rule of AWS Solutions is broken without a reason. */
export function synthesised(config: unknown): Synthesised {
  using folder = temporaryFolder('cdk');
  const app = new App({ outdir: folder.path, context, analyticsReporting: false });
  const { base, fleet } = addStacks(app, deploymentOf(config));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  const template = Template.fromStack(fleet);
  const found = (type: string) => Object.entries(template.findResources(type));
  return {
    base: Template.fromStack(base),
    fleet: template,
    of: (type) => found(type).map(([, resource]) => resource as Resource),
    logicalIds: (type) => found(type).map(([id]) => id),
  };
}
