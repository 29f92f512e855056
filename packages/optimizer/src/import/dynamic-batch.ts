import { intOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { constantsOf, nameMaker } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage, ValueInfoMessage } from '../onnx/messages.ts';
import { floatTensor, int64Tensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';

/**
 * Makes a graph that was exported for `batch` pictures take any number: the batch axis of its input and output becomes dynamic, the first
 * axis of shapes is what is left (`[1, 1280]` becomes `[-1, 1280]`), or, where another place is open already, stays (`[1, -1]` becomes
 * `[0, -1]`); and what stands in the graph once for each picture, such as a class token, is repeated for as many as there are. Whether
 * that is what the graph needs shows when it runs.
 */
export function makeBatchDynamic({ graph }: ModelMessage, batch: number): void {
  for (const described of [...graph.input, ...graph.output]) openBatch(described);
  const fresh = nameMaker(graph);
  const constants = constantsOf(graph);
  const added: TensorMessage[] = [];
  const ints = (base: string, values: readonly number[]): string => {
    const tensor = int64Tensor(fresh(base), [values.length], values);
    added.push(tensor);
    return tensor.name;
  };
  const [count, whole] = [fresh('batch_size'), fresh('input_shape')];
  let isCounted = false;
  /** A shape whose first place is the number of pictures. */
  const shapeOfAll = (rest: readonly number[], before: NodeMessage[]): string => {
    isCounted = true;
    const shape = fresh('any_batch_shape');
    before.push(makeNode('Concat', [count, ints('other_axes', rest)], [shape], { axis: 0 }));
    return shape;
  };
  const nodes = graph.node.flatMap((node) => {
    const before: NodeMessage[] = [];
    if (node.opType === 'Reshape') openShape(node, constants, batch, ints);
    else if (node.opType === 'Expand') {
      const [first, ...rest] = wholeNumbers(constants.get(node.input[1] ?? '')) ?? [];
      if (first === batch && rest.length > 0) node.input = [node.input[0] ?? '', shapeOfAll(rest, before)];
    } else if (node.opType === 'Concat' && intOf(node, 'axis', 0) !== 0) {
      node.input = node.input.map((name) => {
        const row = rowOfAll(constants.get(name), batch, fresh);
        if (!row) return name;
        added.push(row);
        const repeated = fresh(`${name}_any_batch`);
        const shape = shapeOfAll(tensorDims(row).slice(1), before);
        before.push(makeNode('Expand', [row.name, shape], [repeated]));
        return repeated;
      });
    }
    return [...before, node];
  });
  const [input] = graph.input;
  const counting = isCounted
    ? [
        makeNode('Shape', [input?.name ?? ''], [whole]),
        makeNode('Gather', [whole, ints('first_axis', [0])], [count], { axis: 0 }),
      ]
    : [];
  graph.node = [...counting, ...nodes];
  graph.initializer = [...graph.initializer, ...added];
}

function openShape(
  node: NodeMessage,
  constants: ReadonlyMap<string, TensorMessage>,
  batch: number,
  ints: (base: string, values: readonly number[]) => string,
): void {
  const [value = '', shape = ''] = node.input;
  const [first = 0, ...rest] = wholeNumbers(constants.get(shape)) ?? [];
  const isOpen = rest.includes(-1);
  if (rest.length === 0 || first < 1 || first % batch !== 0 || (isOpen && first !== batch)) return;
  node.input = [value, ints(`${shape}_any_batch`, [isOpen ? 0 : -1, ...rest])];
  // Where it was said, a 0 would make the axis empty.
  if (isOpen) node.attribute = node.attribute.filter(({ name }) => name !== 'allowzero');
}

const wholeNumbers = (tensor: TensorMessage | undefined): number[] | undefined =>
  tensor?.dataType === DataType.int64 ? [...tensorNumbers(tensor)] : undefined;

/** What is the same for each of `batch` pictures, once. */
function rowOfAll(
  tensor: TensorMessage | undefined,
  batch: number,
  fresh: (base: string) => string,
): TensorMessage | undefined {
  if (tensor?.dataType !== DataType.float32) return undefined;
  const [first, ...rest] = tensorDims(tensor);
  if (first !== batch || rest.length === 0) return undefined;
  const values = tensorNumbers(tensor);
  const size = values.length / batch;
  for (let at = size; at < values.length; at += 1) if (values[at] !== values[at % size]) return undefined;
  return floatTensor(fresh(`${tensor.name}_once`), [1, ...rest], values.slice(0, size));
}

function openBatch(described: ValueInfoMessage): void {
  const shape = described.type?.tensorType?.shape;
  if (shape) shape.dim = [{ dimParam: 'batch' }, ...shape.dim.slice(1)];
}
