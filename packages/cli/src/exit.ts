import { asRookeryError, type ErrorCode, RookeryError } from '@rookery/contracts';
import { CommanderError } from 'commander';
import type { CommandContext } from './context.ts';
import { fileTrouble } from './file-trouble.ts';
import { colours } from './ui/colours.ts';

/** What the command says by its exit code. */
export const exitCodes = {
  /** All done, all labelled. */
  done: 0,
  /** Something failed: some pictures, a service. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** There is no such model, or it cannot be used. */
  noModel: 3,
  /** Given up by SIGINT. */
  interrupted: 130,
} as const;

const usage: readonly ErrorCode[] = [
  'USAGE',
  'CONFIG_INVALID',
  'REFERENCE_INVALID',
  'LABELS_INVALID',
  'FORMAT_NOT_YET_IMPORTED',
  'BUCKET_REFUSED',
  'DEVICE_UNAVAILABLE',
  'ENGINE_UNAVAILABLE',
];
const noModel: readonly ErrorCode[] = [
  'MODEL_NOT_FOUND',
  'MODEL_CORRUPT',
  'SIGNATURE_INVALID',
  'MODEL_INVALID',
  'MODEL_OPERATOR_UNSUPPORTED',
];

/** What a person can do about it, where the text does not say it already. */
const hints: Partial<Record<ErrorCode, string>> = {
  MODEL_NOT_FOUND: '`rookery models list` shows what there is; `rookery models add` adds one',
  JOB_NOT_FOUND: '`rookery jobs list` shows what there is in the store that --store (ROOKERY_STORE) names',
  DEVICE_UNAVAILABLE: '`rookery doctor` says what is there; --device cpu takes the processor',
  MODEL_CORRUPT: '`rookery models verify` checks every file; add the model again to replace it',
  STORE_NOT_FOUND:
    'check how it is written: --store, --registry, the source, ROOKERY_SOURCES (`rookery config` shows what is in force)',
  STORE_DENIED:
    'check the credentials (of AWS and the region, or WANDB_API_KEY), or the permissions of the bucket, folder or project',
  STORE_UNAVAILABLE: 'check the address of the store (`rookery config`) and the network',
  QUEUE_UNAVAILABLE: 'check the address of the queue (`rookery config`) and that it runs',
  BUCKET_REFUSED: 'ROOKERY_SOURCES names the buckets and folders that may be read',
  FOLDER_IN_USE: 'stop the other one first, or take another folder; `rookery serve` may be started beside it',
  INTERNAL: 'this is a bug; run again with --verbose for where it happened',
};

/** What stands in the text of a server that is not to be had says more than its code. */
const hintsByText: readonly (readonly [text: RegExp, hint: string])[] = [
  [
    /certificate|CERT_|self.signed/i,
    'NODE_EXTRA_CA_CERTS=FILE trusts the certificate (PEM) of a server, or of who signed it',
  ],
  [/there is no SQS queue/, '`rookery queue create` makes the queues that are missing'],
  [
    /credentials/i,
    'check the credentials of AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile (AWS_PROFILE)',
  ],
];

const hintOf = ({ code, message }: RookeryError): string | undefined =>
  (code.endsWith('_UNAVAILABLE') && hintsByText.find(([text]) => text.test(message))?.[1]) || hints[code];

export function exitCodeOf(code: ErrorCode): number {
  if (usage.includes(code)) return exitCodes.usage;
  if (noModel.includes(code)) return exitCodes.noModel;
  return code === 'ABORTED' ? exitCodes.interrupted : exitCodes.failed;
}

/** Prints `error CODE: text` and a hint, and resolves to the exit code. This is the only place where errors become text and codes. */
export async function reportError(thrown: unknown, context: CommandContext): Promise<number> {
  // A group of commands was named without one of its commands: its help, which is printed already, is enough.
  if (thrown instanceof CommanderError && thrown.code === 'commander.help') return exitCodes.usage;
  const error =
    thrown instanceof CommanderError ? fromCommander(thrown) : asRookeryError(fileTrouble(thrown) ?? thrown);
  if (error.code === 'ABORTED' && context.stdout.closed) return exitCodes.done;
  const paint = colours(context.colour.stderr);
  const [text, ...more] = (error.code === 'USAGE' ? (error.detail ?? '') : error.message).split('\n');
  const lines = [`${paint.red(`error ${error.code}`)}: ${text}`, ...more];
  const hint = hintOf(error);
  if (hint) lines.push(paint.dim(`  hint: ${hint}`));
  if (context.verbose && error.cause instanceof Error) lines.push(paint.dim(error.cause.stack ?? error.cause.message));
  else if (context.verbose && error.stack) lines.push(paint.dim(error.stack));
  // The message of a service or a library may quote an address with its password or its signature.
  const { redact } = await import('@rookery/telemetry');
  void context.stderr.write(redact(`${lines.join('\n')}\n`));
  return exitCodeOf(error.code);
}

/** Commander's `error: unknown option '--tpo'\n(Did you mean --top?)` in our form. */
function fromCommander(error: CommanderError): RookeryError {
  const [text = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.match(/^\((.*)\)$/)?.[1] ?? 'add --help to see how the command is used';
  return new RookeryError('USAGE', { detail: `${text}\n  hint: ${hint}`, cause: error });
}
