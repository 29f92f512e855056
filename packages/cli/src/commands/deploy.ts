import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { DeployPlanOptions } from '../plan/run-deploy-plan.ts';

export function register(program: Command, context: CommandContext): void {
  const deploy = program
    .command('deploy')
    .summary('what a deployment on AWS makes and costs')
    .description(
      'The deployment on AWS (`infra/`, docs/aws.md) seen beforehand. Nothing is asked of AWS and nothing is made.',
    )
    .addHelpText('after', '\nExample:\n  $ rookery deploy plan --preset spot\n');
  deploy
    .command('plan')
    .summary('what will exist, and what an hour and a million pictures cost')
    .option('--file <file>', 'the configuration (default: infra/rookery.deploy.json, where it is there)')
    .addOption(new Option('--preset <name>', 'instead of that of the file').choices(['small', 'spot', 'gpu']))
    .option('--rate <n>', 'pictures a second of one worker; `rookery bench classify` measures it (default: 60)')
    .option('--size <size>', 'of a picture (default: 16kB)')
    .option('--prices <file>', 'prices instead of those that come along')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  $ rookery deploy plan --preset spot --rate 85\n')
    .action(async (options: DeployPlanOptions) => {
      const { runDeployPlan } = await import('../plan/run-deploy-plan.ts');
      await runDeployPlan(options, context);
    });
}
