import { DataType } from '../onnx/data-types.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import type { ModelMessage, ValueInfoMessage } from '../onnx/messages.ts';
import { int64Tensor, tensorNumbers } from '../onnx/tensor.ts';

/**
 * Makes a graph that was exported for `batch` pictures take any number: the batch axis of its input and output becomes dynamic, and
 * shapes that begin with the number are opened: `[1, 1280]` becomes `[-1, 1280]`; where another place is open already,
 * `[1, -1]` becomes `[0, -1]`, which keeps the axis. Whether that is what the graph needs shows when it runs.
 */
export function makeBatchDynamic({ graph }: ModelMessage, batch: number): void {
  for (const described of [...graph.input, ...graph.output]) openBatch(described);
  const fresh = nameMaker(graph);
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  for (const node of graph.node) {
    const shape = constants.get(node.input[1] ?? '');
    if (node.opType !== 'Reshape' || shape?.dataType !== DataType.int64) continue;
    const [first, ...rest] = [...tensorNumbers(shape)];
    if (first !== batch || rest.length === 0) continue;
    const opened = int64Tensor(
      fresh(`${shape.name}_any_batch`),
      [rest.length + 1],
      [rest.includes(-1) ? 0 : -1, ...rest],
    );
    graph.initializer = [...graph.initializer, opened];
    node.input = [node.input[0] ?? '', opened.name];
  }
}

function openBatch(described: ValueInfoMessage): void {
  const shape = described.type?.tensorType?.shape;
  if (shape) shape.dim = [{ dimParam: 'batch' }, ...shape.dim.slice(1)];
}
