import { type QuantiseStep, readsOf, type Step } from '../channels-last/steps.ts';

/** `ActivationFunctionType`, as far as it is used here. */
export const activationCodes = { none: 0, relu: 1, relu6: 3 } as const;
export type Activation = keyof typeof activationCodes;

/** The one step that reads a value, where nothing else does and it is not the graph's output. */
export type SoleReader = (value: string) => Step | undefined;

export function soleReaders(steps: readonly Step[], output: string): SoleReader {
  const readers = new Map<string, Step[]>();
  for (const step of steps) {
    for (const name of readsOf(step)) readers.set(name, [...(readers.get(name) ?? []), step]);
  }
  return (value) => {
    const [reader, ...others] = readers.get(value) ?? [];
    return others.length > 0 || value === output ? undefined : reader;
  };
}

/** What becomes part of a step's operator: an activation, then a quantiser. */
export interface Fused {
  readonly activation: Activation;
  readonly quantiser: QuantiseStep | undefined;
  /** The last value before the quantiser. */
  readonly output: string;
}

/** Operators without an activation of their own only take a quantiser. */
export function fusedWith(step: Step, soleReader: SoleReader, takesActivation: boolean): Fused {
  const next = takesActivation ? soleReader(step.output) : undefined;
  const activation = next?.op === 'relu' || next?.op === 'relu6' ? next.op : 'none';
  const output = next && activation !== 'none' ? next.output : step.output;
  const last = soleReader(output);
  return { activation, output, quantiser: last?.op === 'quantise' ? last : undefined };
}
