import { RookeryError } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { InferenceRequest, OutputTensor, RequestedOutput } from '../tensors/tensor.ts';

/** What a model can be asked for. */
export const outputNames = ['probabilities', 'labels', 'scores', 'indices'] as const;
type OutputName = (typeof outputNames)[number];

interface PlannedOutput {
  readonly name: OutputName;
  /** Labels a picture; undefined: the probabilities of all classes. */
  readonly top: number | undefined;
}

/** What a request wants to know of each picture. */
export interface OutputPlan {
  readonly outputs: readonly PlannedOutput[];
  /** Labels that the classifier has to find. */
  readonly top: number;
  /** Whether it has to tell every class's score. */
  readonly scores: boolean;
}

export interface OutputOptions {
  readonly classes: number;
  /** Labels a picture where the request does not say. */
  readonly top: number;
}

/** The most labels that the classifier ranks. */
const mostLabels = 1000;

/**
 * The outputs that a request names, or all of them. Its parameter `top` says how many labels `labels`, `scores` and `indices` have; the
 * output parameter `classification` makes that many texts `score:index:label` of `probabilities`.
 * @throws {RookeryError} REQUEST_INVALID
 */
export function planOutputs({ outputs, parameters }: InferenceRequest, options: OutputOptions): OutputPlan {
  const top = labelsWanted(parameters.top, 'top', options.classes) ?? Math.min(options.top, options.classes);
  const wanted = outputs.length > 0 ? outputs : outputNames.map((name) => ({ name, parameters: {} }));
  const seen = new Set<string>();
  const planned = wanted.map((output): PlannedOutput => {
    const { name } = output;
    if (!isOutputName(name))
      throw invalid(`unexpected inference output '${name}'; the outputs are ${outputNames.join(', ')}`);
    if (seen.has(name)) throw invalid(`output '${name}' is requested twice`);
    seen.add(name);
    if ('shared_memory_region' in output.parameters)
      throw new RookeryError('NOT_IMPLEMENTED', { detail: `output '${name}': there is no shared memory` });
    const labels = classification(output, options.classes);
    if (name === 'probabilities') return { name, top: labels };
    if (labels !== undefined) throw invalid(`output '${name}': the parameter classification is for 'probabilities'`);
    return { name, top };
  });
  return {
    outputs: planned,
    top: Math.max(1, ...planned.map((output) => output.top ?? 0)),
    scores: planned.some((output) => output.top === undefined),
  };
}

/** The tensors of one request, one row a picture. */
export function outputTensors(
  { outputs }: OutputPlan,
  answers: readonly Classification[],
  classes: number,
): OutputTensor[] {
  return outputs.map(({ name, top }) =>
    top === undefined ? probabilities(answers, classes) : ranked(name, top, answers),
  );
}

function ranked(name: OutputName, top: number, answers: readonly Classification[]): OutputTensor {
  const best = answers.flatMap(({ predictions }) => predictions.slice(0, top));
  const tensor = { name, shape: [answers.length, top] };
  switch (name) {
    case 'probabilities': {
      const texts = best.map(({ score, index, label }) => `${score.toFixed(6)}:${index}:${label}`);
      return { ...tensor, datatype: 'BYTES', values: texts.map((text) => Buffer.from(text)) };
    }
    case 'labels':
      return { ...tensor, datatype: 'BYTES', values: best.map(({ label }) => Buffer.from(label)) };
    case 'scores':
      return { ...tensor, datatype: 'FP32', values: Float32Array.from(best, ({ score }) => score) };
    case 'indices':
      return { ...tensor, datatype: 'INT32', values: Int32Array.from(best, ({ index }) => index) };
  }
}

function probabilities(answers: readonly Classification[], classes: number): OutputTensor {
  const values = new Float32Array(answers.length * classes);
  answers.forEach(({ scores }, row) => {
    if (scores?.length !== classes) throw new RookeryError('INTERNAL', { detail: 'the classifier told no scores' });
    values.set(scores, row * classes);
  });
  return { name: 'probabilities', shape: [answers.length, classes], datatype: 'FP32', values };
}

function classification({ parameters }: RequestedOutput, classes: number): number | undefined {
  // 0 is how clients say that they want none.
  if (parameters.classification === undefined || parameters.classification === 0) return undefined;
  return labelsWanted(parameters.classification, 'classification', classes);
}

/** More than there are is all of them. */
function labelsWanted(value: unknown, name: string, classes: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw invalid(`the parameter ${name} is a whole number of labels, 1 or more`);
  return Math.min(value, classes, mostLabels);
}

const isOutputName = (name: string): name is OutputName => (outputNames as readonly string[]).includes(name);
const invalid = (detail: string): RookeryError => new RookeryError('REQUEST_INVALID', { detail });
