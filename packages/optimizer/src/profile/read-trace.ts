import * as z from 'zod';

/** One operator of one run, as ONNX Runtime's profiler wrote it. */
export interface OperatorEvent {
  readonly node: string;
  readonly operator: string;
  readonly microseconds: number;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** Read and written: activations, weights, results. */
  readonly bytes: number;
}

export interface Shape {
  /** As the runtime calls it: `float`, `uint8`, `int8`. */
  readonly type: string;
  readonly dims: readonly number[];
}

const Shapes = z.array(z.record(z.string(), z.array(z.number()))).default([]);
const Size = z.coerce.number().default(0);
const Event = z.object({
  cat: z.string(),
  name: z.string(),
  dur: z.number().default(0),
  args: z
    .object({
      op_name: z.string(),
      input_type_shape: Shapes,
      output_type_shape: Shapes,
      activation_size: Size,
      parameter_size: Size,
      output_size: Size,
    })
    .partial()
    .optional(),
});

const ending = '_kernel_time';

/** The operators of a trace (Chrome's event format), in the order in which they ran. @throws {SyntaxError | z.ZodError} */
export function readTrace(text: string): OperatorEvent[] {
  return z
    .array(Event)
    .parse(JSON.parse(text))
    .flatMap(({ cat, name, dur, args }) => {
      if (cat !== 'Node' || !name.endsWith(ending) || args?.op_name === undefined) return [];
      const { activation_size = 0, parameter_size = 0, output_size = 0 } = args;
      return {
        node: name.slice(0, -ending.length),
        operator: args.op_name,
        microseconds: dur,
        inputs: shapesOf(args.input_type_shape),
        outputs: shapesOf(args.output_type_shape),
        bytes: activation_size + parameter_size + output_size,
      };
    });
}

const shapesOf = (listed: z.infer<typeof Shapes> = []): Shape[] =>
  listed.flatMap((each) => Object.entries(each).map(([type, dims]) => ({ type, dims })));
