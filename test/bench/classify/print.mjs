/** The report for people: what was measured, what was to be reached. */
export function print({ machine, warm, process: cold, limit, kernels, peak, folder, loadBefore, loadAfter }) {
  const rows = [
    ['', 'Rookery', 'beside it', 'ratio', 'to reach'],
    ['five pictures, warm', `${warm.classifier.ms} ms`, `plain script ${warm.plain.ms} ms`, warm.ratio, '0.75'],
    ['  CPU', `${warm.classifier.cpuMs} ms`, `${warm.plain.cpuMs} ms`, warm.cpuRatio, ''],
    ['five pictures, a process', `${cold.classifier.ms} ms`, `plain script ${cold.plain.ms} ms`, cold.ratio, '0.5'],
    ['  CPU', `${cold.classifier.cpuMs} ms`, `${cold.plain.cpuMs} ms`, cold.cpuRatio, ''],
    ['  of it Node itself', '', `${cold.node.ms} ms`, '', ''],
    [`${limit.pictures} pictures`, `${limit.picturesPerSecond}/s`, `bare limit ${limit.limit}/s`, limit.ratio, '0.9'],
    [
      'main thread held up, p99',
      `${limit.mainThreadStallMs.p99} ms`,
      `max ${limit.mainThreadStallMs.max} ms`,
      '',
      '5 ms',
    ],
    ['peak memory', `${peak.peakMb} MB`, `model loaded ${peak.openedMb} MB`, '', '600 MB'],
    ...Object.entries(kernels.withDecodeAgainstLibvips).map(([name, ratio]) => [
      `decode and ${name}`,
      `${kernels.fivePicturesMs[name]} ms resize`,
      `libvips linear ${kernels.fivePicturesMs.libvips} ms`,
      ratio,
      '1.1',
    ]),
    ...(folder
      ? [
          [
            `folder of ${folder.lines}`,
            `${folder.picturesPerSecond}/s`,
            `MB ${JSON.stringify(folder.rssMb)}`,
            '',
            'flat',
          ],
        ]
      : []),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  console.log(
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, load ${loadBefore} before, ${loadAfter} after`,
  );
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => String(cell).padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
}
