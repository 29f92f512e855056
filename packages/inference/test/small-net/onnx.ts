import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type ServingModel } from '@rookery/contracts';
import { floats, intAttribute, intsAttribute, node, onnxFile, types, value } from '../onnx-file.ts';
import {
  type Convolution,
  classes,
  convolutions,
  dense,
  mean,
  scale,
  side,
  smallNet,
  std,
  widths,
} from './small-net.ts';

/** As ONNX, which normalises by itself and takes RGB: its first kernel has the channels turned round. */
export async function onnxSmallNet(folder: string): Promise<ServingModel> {
  const [first, second] = convolutions;
  const bytes = onnxFile({
    nodes: [
      node('Cast', ['images'], 'values', intAttribute('to', types.float32)),
      node('Mul', ['values', 'factor'], 'scaled'),
      node('Sub', ['scaled', 'shift'], 'normal'),
      node('Transpose', ['normal'], 'channels', intsAttribute('perm', [0, 3, 1, 2])),
      node('Conv', ['channels', 'first/kernel', 'first/bias'], 'first'),
      node('Relu', ['first'], 'first/positive'),
      node('Conv', ['first/positive', 'second/kernel', 'second/bias'], 'second'),
      node('Relu', ['second'], 'second/positive'),
      node('GlobalAveragePool', ['second/positive'], 'means'),
      node('Flatten', ['means'], 'flat', intAttribute('axis', 1)),
      node('Gemm', ['flat', 'dense/kernel', 'dense/bias'], 'logits'),
      node('Softmax', ['logits'], 'scores'),
    ],
    constants: [
      floats('factor', [], [scale / std]),
      floats('shift', [], [mean / std]),
      floats('first/kernel', [first.to, first.from, 3, 3], outputsFirst(first, 'turned')),
      floats('first/bias', [first.to], [...first.bias]),
      floats('second/kernel', [second.to, second.from, 3, 3], outputsFirst(second, 'as it is')),
      floats('second/bias', [second.to], [...second.bias]),
      floats('dense/kernel', [widths[2], classes], dense.kernel),
      floats('dense/bias', [classes], dense.bias),
    ],
    inputs: [value('images', 'uint8', ['batch', side, side, 3])],
    outputs: [value('scores', 'float32', ['batch', classes])],
  });
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  return smallNet('onnx', { path, digest: digestOf(bytes) });
}

/** ONNX's order of a kernel: outputs, inputs, rows, columns. */
function outputsFirst({ from, to, kernel }: Convolution, order: 'as it is' | 'turned'): number[] {
  const ordered: number[] = [];
  for (let unit = 0; unit < to; unit++)
    for (let channel = 0; channel < from; channel++)
      for (let tap = 0; tap < 9; tap++) {
        const source = order === 'turned' ? from - 1 - channel : channel;
        ordered.push(kernel[(tap * from + source) * to + unit] as number);
      }
  return ordered;
}
