import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

/** A module of this folder. It declares options and help; the work is imported by its action, so that help loads nothing else. */
interface CommandModule {
  register(program: Command, context: CommandContext): void;
}

/** A command's name, its line of `rookery --help`, and how its module is loaded. */
type CommandEntry = readonly [name: string, summary: string, load: () => Promise<CommandModule>];

/** Every command, in the order of the help. Only the one that runs is loaded. */
export const commands: readonly CommandEntry[] = [
  ['classify', 'label pictures: files, folders, patterns, addresses', () => import('./classify.ts')],
  ['models', 'the registry of models: add, list, show, promote, roll back, push, pull', () => import('./models.ts')],
  ['demo', 'label nine photographs with the model that comes along', () => import('./demo.ts')],
  ['serve', 'answer over HTTP, with a page: pictures at once, jobs', () => import('./serve.ts')],
  ['keys', 'API keys of the service: create, list, revoke', () => import('./keys.ts')],
  ['up', 'watch a folder: pictures dropped in are labelled', () => import('./up.ts')],
  ['enqueue', 'make a job of a bucket, a folder or a list', () => import('./enqueue.ts')],
  ['jobs', 'jobs: list, show, watch, cancel, retry, reconcile, results, delete', () => import('./jobs.ts')],
  ['ingest', 'turn bucket events into work, as a service', () => import('./ingest.ts')],
  ['reconcile', 'compare pictures with labels, enqueue what is missing', () => import('./reconcile.ts')],
  ['worker', 'run a worker of the fleet', () => import('./worker.ts')],
  ['fleet', 'workers on this machine, as many as there is work for', () => import('./fleet.ts')],
  ['queue', 'the queue and its dead letters: show, dead, redrive, purge', () => import('./queue.ts')],
  ['logs', 'read logs: files, rotated ones too, or Loki', () => import('./logs.ts')],
  ['tracker', 'tracked runs: status, flush, export', () => import('./tracker.ts')],
  ['optimize', 'faster or smaller forms of a model: int8, fp16, pruned', () => import('./optimize.ts')],
  ['engines', 'what runs models here: list, install', () => import('./engines.ts')],
  ['monitor', 'the model in use: drift, accuracy, reference windows', () => import('./monitor.ts')],
  ['feedback', 'tell what pictures really show', () => import('./feedback.ts')],
  ['deploy', 'what a deployment on AWS makes and costs', () => import('./deploy.ts')],
  ['simulate', 'what the autoscaling would do with a load', () => import('./simulate.ts')],
  ['cost', 'what labelling so many pictures costs', () => import('./cost.ts')],
  ['doctor', 'check this machine: Node, cores, engine, devices, models', () => import('./doctor.ts')],
  ['bench', 'measure this machine', () => import('./bench.ts')],
  ['config', 'print the configuration in force and where it comes from', () => import('./config.ts')],
];
