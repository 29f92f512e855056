import { RookeryError } from '@rookery/contracts';
import type { Checkpoint } from './checkpoint.ts';
import type { Constant } from './constant.ts';
import type { TfNode } from './messages.ts';

const passes = new Set(['Identity', 'IdentityN', 'Cast']);
const variableOps = new Set(['VarHandleOp', 'VariableV2', 'Variable']);

/** The node that a value comes from, past whatever passes it on, and which of its outputs it is. */
function origin(nodes: ReadonlyMap<string, TfNode>, input: string): { node: TfNode; output: number } | undefined {
  let at = input;
  for (let steps = 0; steps < 1000; steps += 1) {
    const [name = '', index = '0'] = at.split(':');
    const node = nodes.get(name);
    if (!node) return undefined;
    const output = Number(index);
    if (!passes.has(node.op)) return { node, output };
    at = node.input[output] ?? '';
  }
  return undefined;
}

/**
 * The values of a graph's variables by the names of their nodes. Which key of the checkpoint belongs to which variable is what the
 * graph's own restoring says (`RestoreV2` into `AssignVariableOp`); otherwise the variable's name is the key.
 */
export async function readVariables(
  nodes: ReadonlyMap<string, TfNode>,
  needed: ReadonlySet<string>,
  checkpoint: Checkpoint | undefined,
): Promise<ReadonlyMap<string, Constant>> {
  const keys = restoredKeys(nodes);
  const values = new Map<string, Constant>();
  for (const name of needed) {
    const node = nodes.get(name);
    if (!node || !variableOps.has(node.op)) continue;
    const shared = Buffer.from(node.attr.shared_name?.s ?? []).toString('utf8');
    const key = [keys.get(name), shared, name].find((each) => each && checkpoint?.has(each));
    if (!checkpoint || key === undefined)
      throw new RookeryError('MODEL_INVALID', {
        detail: `the checkpoint has no value for variable ${JSON.stringify(name)}`,
      });
    values.set(name, await checkpoint.variable(key));
  }
  return values;
}

function restoredKeys(nodes: ReadonlyMap<string, TfNode>): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const node of nodes.values()) {
    if (node.op !== 'AssignVariableOp' && node.op !== 'Assign') continue;
    const [variable, value] = node.input.map((input) => origin(nodes, input));
    if (!variable || value?.node.op !== 'RestoreV2') continue;
    const listed = origin(nodes, value.node.input[1] ?? '')?.node.attr.value?.tensor?.stringVal;
    const key = listed?.[value.output];
    if (key) keys.set(variable.node.name, Buffer.from(key).toString('utf8'));
  }
  return keys;
}
