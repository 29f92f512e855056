import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { BesideOptions, CanaryOptions } from './models-beside.ts';
import type { ExchangeOptions } from './models-copy.ts';
import type { GarbageFlags } from './models-gc.ts';
import type { RegisterOptions } from './models-register.ts';
import type { ModelsOptions } from './models-registry.ts';
import type { ReleaseOptions } from './models-release.ts';
import type { SignOptions } from './models-sign.ts';

const garbageNotes = `
What an alias, its canary or its shadow names stays, and what it would go back
to; so does what an unfinished job names. Of a model without production the
newest version stays.
`;

/** Declares a command of `rookery models`. */
type Declare = (name: string, summary: string, line?: string) => Command;

/** `rookery models push | pull | register | promote | rollback | diff | gc | sign | keygen`. */
export function registerExchange(models: Command, command: Declare, context: CommandContext): void {
  command('push', 'copy a version from here to a registry elsewhere', 'models push birds --registry s3://bucket/models')
    .argument('<ref>', 'of the folder on this machine, or an address')
    .option('--alias <alias>', 'let this alias name it there, such as candidate')
    .option('--expect <version>', 'only where that alias names this version now; "none": only where there is none')
    .action(async (reference: string, options: ExchangeOptions) => {
      const { pushModel } = await import('./models-copy.ts');
      await pushModel(reference, options, context);
    });

  command('pull', 'copy a version from a registry elsewhere to here', 'models pull s3://bucket/models/birds:production')
    .argument('<ref>', 'of that registry, or an address')
    .option('--alias <alias>', 'let this alias name it here')
    .option('--expect <version>', 'only where that alias names this version now; "none": only where there is none')
    .action(async (reference: string, options: ExchangeOptions) => {
      const { pullModel } = await import('./models-copy.ts');
      await pullModel(reference, options, context);
    });

  command(
    'register',
    'register a version with Weights & Biases: a run with its metrics, an artifact, a link to the model registry',
    'models register birds:candidate --wandb team/birds --metric accuracy=0.91 --alias candidate',
  )
    .argument('<ref>', 'a reference')
    .requiredOption('--wandb <entity/project>', 'where the run and the artifact are made')
    .option('--metric <name=value...>', 'of the run, beside those of the manifest')
    .option('--alias <alias...>', 'of the artifact and of the link')
    .option('--link <name>', "the registered model that it is linked to (default: the model's name)")
    .option('--no-link', 'link it to none')
    .action(async (reference: string, options: RegisterOptions) => {
      const { registerModel } = await import('./models-register.ts');
      await registerModel(reference, options, context);
    });

  withReason(
    command('promote', 'verify a version and let production name it', 'models promote birds:candidate --reason "+2 %"'),
  )
    .argument('<ref>', 'the version meant, such as birds:candidate or birds@0123456789ab')
    .option('--to <alias>', 'another alias than production', 'production')
    .option('--expect <version>', 'only where that alias names this version now; "none": only where there is none')
    .option('--require-signed <file>', 'only what is signed by one of these public keys')
    .action(async (reference: string, options: ReleaseOptions) => {
      const { promoteModel } = await import('./models-release.ts');
      await promoteModel(reference, options, context);
    });

  withReason(
    command('rollback', 'let an alias name what it named before', 'models rollback birds --reason "robins are wrong"'),
  )
    .argument('<ref>', 'name or name:alias (default: the alias production); a canary goes first')
    .action(async (reference: string, options: ReleaseOptions) => {
      const { rollBackModel } = await import('./models-release.ts');
      await rollBackModel(reference, options, context);
    });

  const besideIt = (under: Command): Command =>
    withReason(under)
      .argument('<ref>', 'the version meant, such as birds:candidate or birds@0123456789ab')
      .option('--of <alias>', 'whose it is', 'production')
      .option('--remove', 'end it: the alias answers alone again');

  besideIt(
    command(
      'canary',
      'let a version answer for a share of events, requests and jobs, beside the one that an alias names',
      'models canary birds@0123456789ab --share 0.1 --promote-after 10000 --max-errors 0.01',
    ),
  )
    .option('--share <share>', 'of keys, from 0 to 1: a key always meets the same version', '0.1')
    .option('--promote-after <pictures>', 'decide by rule, after so many that it answered in one service or worker')
    .option('--max-errors <share>', 'rule: it goes where more of its pictures fail')
    .option('--max-latency-ratio <ratio>', "rule: of its engine's median time of a picture over the main version's")
    .option('--max-disagreement <share>', 'rule: of pictures that both label, those with another first label')
    .action(async (reference: string, options: CanaryOptions) => {
      const { standBeside } = await import('./models-beside.ts');
      await standBeside(reference, 'canary', options, context);
    });

  besideIt(
    command(
      'shadow',
      'let a version label a share of events and requests too, to be compared and not answered',
      'models shadow birds@0123456789ab --share 0.5',
    ),
  )
    .option('--share <share>', 'of pictures, from 0 to 1', '1')
    .action(async (reference: string, options: BesideOptions) => {
      const { standBeside } = await import('./models-beside.ts');
      await standBeside(reference, 'shadow', options, context);
    });

  command('diff', 'in what two versions differ', 'models diff birds:production birds:candidate')
    .argument('<ref>', 'the one')
    .argument('<other>', 'the other; either may lie in a registry elsewhere')
    .action(async (one: string, other: string, options: ModelsOptions) => {
      const { diffModels } = await import('./models-diff.ts');
      await diffModels(one, other, options, context);
    });

  command('gc', 'remove versions that nothing refers to', 'models gc --older-than 90d --dry-run')
    .option('--older-than <time>', 'added longer ago, such as 12h or 90d', '30d')
    .option('--dry-run', 'only say which')
    .option(
      '--store <location>',
      "the fleet's store: what its unfinished jobs name stays (default: the configured one)",
    )
    .addHelpText('after', garbageNotes)
    .action(async (options: GarbageFlags) => {
      const { collectGarbage } = await import('./models-gc.ts');
      await collectGarbage(options, context);
    });

  command('sign', 'sign a version with a private key', 'models sign birds:candidate --key release.pem')
    .argument('<ref>', 'a reference')
    .requiredOption('--key <file>', 'the private key (ed25519, PKCS#8 in PEM), as `rookery models keygen` makes it')
    .action(async (reference: string, options: SignOptions) => {
      const { signModel } = await import('./models-sign.ts');
      await signModel(reference, options, context);
    });

  models
    .command('keygen')
    .summary('make a pair of keys for signatures')
    .description('Makes a pair of ed25519 keys: FILE is private and signs, FILE.pub is what --require-signed takes.')
    .argument('<file>', 'the private key; nothing is overwritten')
    .addHelpText(
      'after',
      '\nExample:\n  $ rookery models keygen release.pem\n  $ rookery worker --require-signed release.pem.pub\n',
    )
    .action(async (file: string) => {
      const { makeKeys } = await import('./models-sign.ts');
      await makeKeys(file, context);
    });
}

const withReason = (one: Command): Command =>
  one
    .option('--reason <text>', 'kept in the history of the alias')
    .option('--by <who>', 'kept with it (default: the user of this machine)');
