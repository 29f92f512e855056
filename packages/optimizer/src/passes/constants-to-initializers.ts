import { DataType } from '../onnx/data-types.ts';
import { toNumber } from '../onnx/int64.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, int64Tensor } from '../onnx/tensor.ts';

/** Constant nodes become initializers, so that other passes find all constants in one place. @returns how many. */
export function constantsToInitializers({ graph }: ModelMessage): number {
  const made: TensorMessage[] = [];
  graph.node = graph.node.filter((node) => {
    const tensor = node.opType === 'Constant' ? constantOf(node) : undefined;
    if (tensor) made.push(tensor);
    return tensor === undefined;
  });
  if (made.length > 0) graph.initializer = [...graph.initializer, ...made];
  return made.length;
}

function constantOf(node: NodeMessage): TensorMessage | undefined {
  const [attribute] = node.attribute;
  const [name = ''] = node.output;
  switch (attribute?.name) {
    case 'value':
      // Strings and exotic types stay where they are.
      return attribute.t && attribute.t.dataType !== DataType.string ? { ...attribute.t, name } : undefined;
    case 'value_float':
      return floatTensor(name, [], [attribute.f ?? 0]);
    case 'value_floats':
      return floatTensor(name, [attribute.floats?.length ?? 0], attribute.floats ?? []);
    case 'value_int':
      return int64Tensor(name, [], [toNumber(attribute.i ?? 0)]);
    case 'value_ints':
      return int64Tensor(name, [attribute.ints?.length ?? 0], (attribute.ints ?? []).map(toNumber));
    default:
      return undefined;
  }
}
