const colours = ['#2f6f4f', '#c58b2a'];
const [left, width, bar, gap] = [190, 430, 11, 14];
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Bars of pictures a second relative to Rookery's, with the spread of the rounds, as an SVG that is read in light and dark. */
export function plot({ contestants, sets }) {
  const most = Math.max(
    ...contestants.flatMap(({ measured }) => sets.map(({ name }) => measured[name].timesRookery.most)),
  );
  const scale = width / Math.max(1.2, most);
  const at = (value) => (left + value * scale).toFixed(1);
  const step = sets.length * (bar + 2) + gap;
  const top = 48;
  const height = top + contestants.length * step + 8;
  const bars = contestants.flatMap(({ name, measured }, place) => {
    const y = top + place * step;
    return [
      `<text x="${left - 8}" y="${y + (step - gap) / 2 + 4}" text-anchor="end">${escaped(name)}</text>`,
      ...sets.flatMap((set, index) => {
        const { median, least, most: largest } = measured[set.name].timesRookery;
        const middle = y + index * (bar + 2) + bar / 2;
        return [
          `<rect x="${left}" y="${y + index * (bar + 2)}" width="${(median * scale).toFixed(1)}" height="${bar}" fill="${colours[index]}"/>`,
          `<path d="M${at(least)} ${middle}H${at(largest)}" stroke="#888" stroke-width="1.5"/>`,
          `<text x="${(left + Math.max(median, largest) * scale + 5).toFixed(1)}" y="${middle + 3.5}" font-size="10">${median.toFixed(2)}</text>`,
        ];
      }),
    ];
  });
  const legend = sets.map(({ what }, index) => {
    const x = left + index * 220;
    return `<rect x="${x}" y="26" width="10" height="10" fill="${colours[index]}"/><text x="${x + 15}" y="35">${escaped(what)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 60}" height="${height}" font-family="sans-serif" font-size="12" fill="#777">`,
    '<title>Pictures a second of each, relative to Rookery</title>',
    `<text x="${left}" y="16" font-weight="bold">Pictures a second, Rookery = 1 (in its own group; line: all rounds)</text>`,
    ...legend,
    `<path d="M${at(1)} ${top - 6}V${height - 8}" stroke="#888" stroke-dasharray="3 3"/>`,
    ...bars,
    '</svg>\n',
  ].join('\n');
}
