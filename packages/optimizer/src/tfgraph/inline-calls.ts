import { RookeryError } from '@rookery/contracts';
import type { FunctionMessage, GraphDefMessage, TfNode } from './messages.ts';

/** Nodes that a graph may have once its functions stand in it. */
const maxNodes = 200_000;
const maxDepth = 32;

/** Where outputs begin of operators whose outputs have names of their own. */
const outputOffsets: Readonly<Record<string, number>> = {
  batch_mean: 1,
  batch_variance: 2,
  reserve_space_1: 3,
  reserve_space_2: 4,
  reserve_space_3: 5,
  indices: 1,
};

const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });
const bodyName = (prefix: string, node: string): string => (prefix === '' ? node : `${prefix}/${node}`);

/**
 * All nodes of a graph by their names, with each call of a function replaced by its body, under the name of the call. Inputs read
 * `node` or `node:output`; control inputs (`^node`) are dropped, since nothing that a classifier computes has an effect.
 */
export function inlineCalls(graph: GraphDefMessage): ReadonlyMap<string, TfNode> {
  const functions = new Map((graph.library?.function ?? []).map((each) => [each.signature?.name ?? '', each] as const));
  const nodes = new Map<string, TfNode>();
  const add = (node: TfNode): void => {
    if (nodes.size >= maxNodes) throw invalid(`it has more than ${maxNodes} nodes`);
    nodes.set(node.name, node);
  };
  const place = (node: TfNode, depth: number): void => {
    const called = calledFunction(node, functions);
    if (!called) {
      add(node);
      return;
    }
    if (depth > maxDepth) throw invalid(`function ${JSON.stringify(called.signature?.name)} calls itself`);
    const own = node.name;
    const args = new Map((called.signature?.inputArg ?? []).map(({ name }, n) => [name, node.input[n] ?? '']));
    const resolve = (input: string): string => {
      const [name = '', output = '', index = '0'] = input.split(':');
      const outer = args.get(name);
      if (outer !== undefined) return outer;
      const at = Number(index) + (outputOffsets[output] ?? 0);
      return at === 0 ? bodyName(own, name) : `${bodyName(own, name)}:${at}`;
    };
    for (const each of called.nodeDef)
      place({ ...each, name: bodyName(own, each.name), input: dataInputs(each.input).map(resolve) }, depth + 1);
    const outputs = called.signature?.outputArg ?? [];
    // The call itself passes its results on.
    add({ name: own, op: 'IdentityN', input: outputs.map(({ name }) => resolve(called.ret[name] ?? '')), attr: {} });
  };
  for (const node of graph.node) place({ ...node, input: dataInputs(node.input) }, 0);
  return nodes;
}

const dataInputs = (inputs: readonly string[]): string[] => inputs.filter((input) => !input.startsWith('^'));

function calledFunction(node: TfNode, functions: ReadonlyMap<string, FunctionMessage>): FunctionMessage | undefined {
  // Old graphs call a function by an operator of its name.
  if (node.op !== 'PartitionedCall' && node.op !== 'StatefulPartitionedCall') return functions.get(node.op);
  const name = node.attr.f?.func?.name ?? '';
  const called = functions.get(name);
  if (!called) throw invalid(`node ${JSON.stringify(node.name)} calls ${JSON.stringify(name)}, which is not there`);
  return called;
}
