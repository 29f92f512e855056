import type { InputChain } from '../import/input-chain.ts';
import { DataType } from '../onnx/data-types.ts';
import type { GraphView } from '../onnx/graph-view.ts';
import type { NodeMessage } from '../onnx/messages.ts';
import { tensorNumbers } from '../onnx/tensor.ts';

/** How near a rounding boundary a value may come: far more than float32 can be off by. */
const margin = 1e-3;

/**
 * The QuantizeLinear that reads the chain, if it gives each of the 256 bytes of each channel back as it came in: then the model was
 * trained on the bytes themselves, and casting, scaling and quantising them is to do nothing, slowly.
 */
export function exactQuantiser(view: GraphView, chain: InputChain): NodeMessage | undefined {
  const node = view.soleConsumer(chain.value);
  if (node?.opType !== 'QuantizeLinear' || node.input[0] !== chain.value || view.isOutput(node.output[0] ?? ''))
    return undefined;
  const [scaleTensor, zeroTensor] = [node.input[1], node.input[2]].map((name) =>
    name ? view.constants.get(name) : undefined,
  );
  if (!scaleTensor || zeroTensor?.dataType !== DataType.uint8) return undefined;
  const [scales, zeros] = [tensorNumbers(scaleTensor), tensorNumbers(zeroTensor)];
  const [step = 0] = scales;
  const [zero = 0] = zeros;
  if (scales.length !== 1 || zeros.length !== 1 || chain.channels.some(({ from }, c) => from !== c)) return undefined;
  const exact = chain.channels.every(({ scale, shift }) =>
    Array.from({ length: 256 }, (_, byte) => (byte * scale + shift) / step + zero - byte).every(
      (off) => Math.abs(off) < 0.5 - margin,
    ),
  );
  return exact ? node : undefined;
}
