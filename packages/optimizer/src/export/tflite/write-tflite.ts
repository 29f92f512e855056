import { RookeryError } from '@rookery/contracts';
import { type ByteScale, type ChannelsLastGraph, isMove, readsOf, type Step } from '../channels-last/steps.ts';
import { soleReaders } from './fused.ts';
import { StepWriter } from './step-writer.ts';
import { Tensors } from './tensors.ts';

/** What bytes of pictures stand for where the graph takes them as they are. */
const plain: ByteScale = { scale: 1, zeroPoint: 0 };

/**
 * Writes a graph as a TFLite file for one picture, whose batch can be resized. Convolutions, dense layers, sums and means between
 * quantisers compute with signed bytes, as the graph's own quantisers say.
 */
export function writeTflite({ input, output, steps }: ChannelsLastGraph): Uint8Array {
  const tensors = new Tensors();
  const scale = input.type === 'uint8' ? pictureScale(input.name, steps) : plain;
  const bytes = { type: 'uint8', scale } as const;
  const isBytes = input.type === 'uint8';
  const tensor = tensors.file.input(tensors.spec(input.name, input.shape, isBytes ? bytes : undefined));
  if (isBytes) tensors.defineBytes(input.name, { ...bytes, tensor }, input.shape);
  else tensors.defineReal(input.name, tensor);
  const writer = new StepWriter(tensors, soleReaders(steps, output.name));
  for (const step of steps) writer.write(step);
  tensors.file.output(tensors.real(output.name));
  return tensors.file.bytes();
}

/** What the first quantiser takes the pictures' bytes for. */
function pictureScale(input: string, steps: readonly Step[]): ByteScale {
  const pictures = new Set([input]);
  const found = new Map<string, ByteScale>();
  for (const step of steps) {
    if (!readsOf(step).some((name) => pictures.has(name))) continue;
    if (isMove(step)) pictures.add(step.output);
    const scale = step.op === 'dequantise' ? step.bytes : plain;
    if (!isMove(step)) found.set(`${scale.scale} ${scale.zeroPoint}`, scale);
  }
  const [scale = plain, ...others] = found.values();
  if (others.length > 0)
    throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: 'pictures that are taken for different numbers' });
  return scale;
}
