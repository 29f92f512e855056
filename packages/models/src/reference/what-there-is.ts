const most = 12;

/** For whoever asked for something else: `birds has @0123456789ab, :production`. Of many, a few. */
export function whatThereIs(
  name: string,
  place: string,
  versions: readonly string[],
  aliases: readonly string[],
): string {
  const names = [...aliases.map((alias) => `:${alias}`), ...versions.map((version) => `@${version}`)];
  if (names.length === 0) return `nothing is called ${name} in ${place}`;
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return `${name} has ${names.slice(0, most).join(', ')}${more}`;
}
