import { RookeryError } from '@rookery/contracts';
import { toNumber } from './int64.ts';
import type { AttributeMessage, GraphMessage, NodeMessage, TensorMessage } from './messages.ts';

const find = (node: NodeMessage, name: string): AttributeMessage | undefined =>
  node.attribute.find((attribute) => attribute.name === name);

export const intOf = (node: NodeMessage, name: string, fallback: number): number => {
  const value = find(node, name)?.i;
  return value === undefined ? fallback : toNumber(value);
};
export const floatOf = (node: NodeMessage, name: string, fallback: number): number => find(node, name)?.f ?? fallback;
export const intsOf = (node: NodeMessage, name: string): number[] | undefined => find(node, name)?.ints?.map(toNumber);
export const textOf = (node: NodeMessage, name: string): string | undefined => {
  const bytes = find(node, name)?.s;
  return bytes && Buffer.from(bytes).toString('utf8');
};

/** The graphs inside a node: branches, loop bodies. */
export const innerGraphs = (node: NodeMessage): GraphMessage[] =>
  node.attribute.flatMap((attribute) => [...(attribute.g ? [attribute.g] : []), ...(attribute.graphs ?? [])]);

type AttributeValue =
  | number
  | readonly number[]
  | string
  | { float: number }
  | { graph: GraphMessage }
  | { tensor: TensorMessage };

/** Numbers are integers; `{ float }` is a real number. */
export function attribute(name: string, value: AttributeValue): AttributeMessage {
  if (typeof value === 'number') return { name, type: 2, i: whole(name, value) };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value, 'utf8') };
  if (Array.isArray(value)) return { name, type: 7, ints: value.map((member: number) => whole(name, member)) };
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('graph' in value) return { name, type: 5, g: value.graph };
  if ('tensor' in value) return { name, type: 4, t: value.tensor };
  throw new RookeryError('INTERNAL', { detail: `attribute ${name}` });
}

function whole(name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new RookeryError('MODEL_INVALID', { detail: `attribute ${name}: ${value}` });
  return value;
}
