import { windowOf } from '../../onnx/window.ts';
import type { NodeContext } from './conversion.ts';

export type Pair = readonly [number, number];

/** Where windows go: rows and columns, how many, and what is padded before and after. */
export interface Windows {
  readonly out: Pair;
  readonly before: Pair;
  readonly after: Pair;
  readonly strides: Pair;
  /** What TensorFlow calls it; `undefined` where it has no name for it. */
  readonly padding: 'same' | 'valid' | undefined;
}

/** Reads `auto_pad`, `pads`, `strides` and `ceil_mode`; `reach` is the window with its dilations. */
export function windowsOf(context: NodeContext, size: Pair, reach: Pair): Windows {
  const [down = 1, across = 1] = context.ints('strides') ?? [];
  const strides = [down, across] as const;
  const mode = context.text('auto_pad') ?? 'NOTSET';
  const [top = 0, left = 0, bottom = 0, right = 0] = context.ints('pads') ?? [];
  const along = (axis: 0 | 1, explicit: Pair): { out: number; before: number; after: number; same: boolean } => {
    const [length, window, stride] = [size[axis], reach[axis], strides[axis]];
    const same = windowOf('same', length, window, stride);
    const [first, last] = same.pads;
    if (mode === 'SAME_UPPER') return { out: same.size, before: first, after: last, same: true };
    if (mode === 'SAME_LOWER') return { out: same.size, before: last, after: first, same: first === last };
    const [before, after] = mode === 'VALID' ? [0, 0] : explicit;
    const steps = (length + before + after - window) / stride;
    const out = (context.int('ceil_mode', 0) === 1 ? roundUp(steps, length + before, stride) : Math.floor(steps)) + 1;
    const isSame = before === first && after === last && out === same.size;
    // What windows reach past the end is padded there.
    return { out, before, after: Math.max(after, (out - 1) * stride + window - length - before), same: isSame };
  };
  const [rows, columns] = [along(0, [top, bottom]), along(1, [left, right])];
  if (rows.out < 1 || columns.out < 1) throw context.unsupported(`windows of ${reach} in ${size}`);
  const none = [rows, columns].every(({ before, after }) => before === 0 && after <= 0);
  return {
    out: [rows.out, columns.out],
    before: [rows.before, columns.before],
    after: [rows.after, columns.after],
    strides,
    padding: none ? 'valid' : rows.same && columns.same ? 'same' : undefined,
  };
}

/** The last window must begin inside the picture or the padding before it. */
function roundUp(steps: number, inside: number, stride: number): number {
  const up = Math.ceil(steps);
  return up * stride >= inside ? up - 1 : up;
}
