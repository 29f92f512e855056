import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { ServeCommandOptions } from '../fleet/run-serve.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Answers over HTTP: pictures at once, jobs, models, a page. Without a queue jobs are done in this process; with one by its workers.

Bound to this machine alone it asks for no keys until there are some; bound elsewhere it does, and does not start without. SIGTERM: it is
not ready any more, answers what it has, exits 0.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .summary('answer over HTTP, with a page: pictures at once, jobs')
    .description(description)
    .option('--host <host>', 'where it listens (default: 127.0.0.1)')
    .option('--port <port>', 'where it listens (default: 5000; 0: any that is free)')
    .option('--grpc-port <port>', 'also the Open Inference Protocol over gRPC (default: HTTP only)')
    .option('--model <ref>', 'a registered model or a file (default: content)')
    .option('--labels <file>', 'of a model file: a label a line, or CSV with id,name')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--local-root <folder>', "below it the original's calls may name files (default: none)")
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder (default: .rookery)')
    .option('--sources <list>', 'buckets and folders that requests and jobs may name, separated by commas')
    .option(
      '--uploads <bucket>',
      'where pictures are put for jobs: s3://bucket or a folder (default: beside the store)',
    )
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .option('--queue <address>', 'redis://host:port or sqs://name (default: jobs are done in this process)')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--keys <file>', 'of API keys')
    .option('--no-auth', 'ask nobody for a key; only where this machine alone can reach it')
    .option('--allow-http', 'also fetch addresses without encryption')
    .option('--cors-origins <list>', 'origins of pages elsewhere that may call')
    .option('--trust-proxy <list>', 'addresses of proxies whose X-Forwarded-* is believed')
    .option('--rate-limit <n>', 'requests a minute by one key (default: 60000)')
    .option('--max-wait <time>', 'a picture that would wait longer is turned away (default: 2s)')
    .option('--model-memory <size>', 'for the graphs of all warm models (default: 1GiB)')
    .option('--top <n>', 'labels a picture (default: 3)')
    .option('--device <device>', 'cpu, or numbers of GPUs: 0 or 0,1 (default: cpu)')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--threads <n>', 'of the engine (default: chosen for this machine)')
    .option('--batch <n>', 'pictures the engine takes at a time (default: chosen for this machine)')
    .option('--grace <time>', 'how long work in flight may take after SIGTERM (default: 25s)')
    .addHelpText(
      'after',
      "\nExample:\n  $ rookery serve --model birds.onnx --labels birds.txt\n  $ curl --data-binary @bird.jpg -H 'content-type: image/jpeg' http://127.0.0.1:5000/v1/classify\n",
    )
    .action(async (options: ServeCommandOptions) => {
      const { runServe } = await import('../fleet/run-serve.ts');
      await runServe(options, context);
    });
}
