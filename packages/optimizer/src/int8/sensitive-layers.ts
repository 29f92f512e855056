/** Groups of neighbours that are measured first, and measurements at all: each takes a graph of its own. */
const mostGroups = 16;
const mostMeasured = 48;

interface Group {
  readonly layers: readonly string[];
  /** What its layers do to the scores together, squared: errors that are independent add up so. */
  readonly cost: number;
}

/**
 * Names of layers, those that lose most as bytes first, found as far as they are asked for: the group of neighbours that moves the scores
 * most is halved until it is one layer, and most groups are never opened. However many layers there are, no more is measured than is worth it:
 * then whole groups follow, by what they cost a layer.
 *
 * `shiftOf`: how far these layers as bytes, and no others, move the scores.
 */
export async function* sensitiveLayers(
  names: readonly string[],
  shiftOf: (group: readonly string[]) => Promise<number>,
): AsyncGenerator<string, void> {
  let measured = 0;
  const measure = async (layers: readonly string[]): Promise<Group> => {
    measured += 1;
    return { layers, cost: (await shiftOf(layers)) ** 2 };
  };
  const size = Math.max(1, Math.ceil(names.length / mostGroups));
  const groups: Group[] = [];
  for (let first = 0; first < names.length; first += size) groups.push(await measure(names.slice(first, first + size)));
  while (groups.length > 0 && measured + 2 <= mostMeasured) {
    groups.sort((a, b) => b.cost - a.cost);
    const { layers = [] } = groups.shift() ?? {};
    const half = layers.length >> 1;
    if (half === 0) yield* layers;
    else groups.push(await measure(layers.slice(0, half)), await measure(layers.slice(half)));
  }
  groups.sort((a, b) => b.cost / b.layers.length - a.cost / a.layers.length);
  for (const { layers } of groups) yield* layers;
}
