import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { resolve } from 'node:path';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import { modelPixels } from '@rookery/inference';
import { measureRoof, profileOperators, type Sample } from '@rookery/optimizer';
import { loadServingModel } from '../classify/model.ts';
import { openClassifierOf } from '../classify/open-classifier.ts';
import type { CommandContext } from '../context.ts';
import type { BenchOptions } from './classify.ts';
import { type HeldPicture, labelFor, readPictures, secondsOf } from './label-for.ts';
import { printProfile } from './print-profile.ts';
import { type Profile, totalsOf } from './profile-report.ts';

/** `rookery bench profile`: the runtime's operators beside the stages of a picture, and how near they are to what the machine can do. */
export async function runProfile(
  names: readonly string[],
  options: BenchOptions,
  context: CommandContext,
): Promise<void> {
  const seconds = secondsOf(options.seconds);
  const { model: name, models: folder, labels, variant, decode, threads, batch } = options;
  const config = await context.config({
    models: { model: name, folder },
    classify: { variant, decode, threads, batch },
  });
  const { cwd, signal } = context;
  const say = (text: string) => void (context.quiet || context.stderr.write(`${text}\n`));
  const open = { names: Array(1000).fill(''), recursive: false, labels, config, cwd, signal, log: undefined };
  const model = await loadServingModel({ ...open, notice: say });
  if (model.format !== 'onnx')
    throw new RookeryError('USAGE', { detail: `${model.format} models have no profiler here: only ONNX graphs do` });
  const pictures = await readPictures(
    names.map((each) => resolve(cwd, each)),
    config.classify.maxBytes,
    signal,
  );
  say(`labelling for ${seconds} s`);
  const stages = await stagesOf();
  say(`measuring this machine's roof for ${seconds} s`);
  const roof = await measureRoof({ threads: stages.tuning.threads, seconds, signal });
  say(`profiling the operators for ${seconds} s`);
  const graph = await graphOf(model);
  const sample = await sampleOf(model, pictures, stages.tuning.batch);
  const { batch: rows, threads: engineThreads } = stages.tuning;
  const operators = await profileOperators(graph, sample, {
    batch: rows,
    threads: engineThreads,
    roof,
    seconds,
    signal,
  });
  const machine = { processor: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version };
  const profile: Profile = {
    machine,
    model: { name: model.name, version: model.version, variant: model.variant },
    ...stages,
    roof,
    operators,
    totals: totalsOf(operators),
  };
  await context.stdout.write(options.json ? `${JSON.stringify(profile, null, 2)}\n` : printProfile(profile));

  async function stagesOf() {
    await using classifier = await openClassifierOf({ ...open, notice: () => undefined });
    const { timings, cpuMsPerPicture } = await labelFor(seconds, classifier, pictures, signal);
    return { timings, cpuMsPerPicture, tuning: classifier.tuning, engine: classifier.pin.engine };
  }
}

async function graphOf({ graph, sessionConfig }: ServingModel) {
  return { graph: 'bytes' in graph ? graph.bytes : await readFile(graph.path), sessionConfig };
}

async function sampleOf(model: ServingModel, pictures: readonly HeldPicture[], count: number): Promise<Sample> {
  const { width, height } = model.preprocessing;
  const length = width * height * 3;
  const pixels = model.input.type === 'uint8' ? new Uint8Array(count * length) : new Float32Array(count * length);
  for (let at = 0; at < count; at++) {
    const picture = pictures[at % pictures.length];
    if (picture) pixels.set(await modelPixels(picture.bytes.slice(), model), at * length);
  }
  return { pixels, count, width, height };
}
