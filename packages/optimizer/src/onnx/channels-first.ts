/** The axis of an ONNX graph, where pictures are NCHW, for one of TensorFlow's, where they are NHWC; tensors of other ranks keep their axes. */
export const graphAxis = (axis: number, rank: number): number => (rank === 4 ? ([0, 2, 3, 1][axis] ?? axis) : axis);

/** A list with one entry for each of TensorFlow's axes, in the order of the graph's. */
export const inGraphOrder = <T>(perAxis: readonly T[]): T[] =>
  perAxis.length === 4 ? [0, 3, 1, 2].map((axis) => perAxis[axis] as T) : [...perAxis];
