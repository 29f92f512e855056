const percent = (share) => `${(share * 100).toFixed(1)} %`;

/** The report for people: what was measured, what was to be reached. */
export function print({ machine, pictures, sources, enlarged, speed, bytes, agreement, loadBefore, loadAfter }) {
  console.log(
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, load ${loadBefore.toFixed(1)} to ${loadAfter.toFixed(1)}`,
  );
  console.log(
    `${pictures} pictures over one megapixel, crops of ${sources} photographs encoded again; ${enlarged} of them are enlarged, for want of larger originals`,
  );
  console.log('\npictures a second: exact, fast, ratio (to reach: 2)');
  for (const [name, it] of Object.entries(speed))
    console.log(
      `  ${name.padEnd(22)} ${it.exactPerSecond.toFixed(1).padStart(6)} ${it.fastPerSecond.toFixed(1).padStart(6)}  ${it.ratio.toFixed(2)}, processor time ${it.cpuRatio.toFixed(2)} (${it.pictures} of ${it.megapixels.toFixed(1)} megapixels)`,
    );
  console.log('\nbytes decoded, fast of exact');
  for (const [name, { share }] of Object.entries(bytes)) console.log(`  ${name.padEnd(22)} ${percent(share)}`);
  console.log('\nthe same first label (to reach: 99 %), Wilson 95 %');
  for (const [name, it] of Object.entries(agreement))
    console.log(
      `  ${name.padEnd(42)} ${it.same} of ${it.pictures} from ${it.sources} photographs: ${percent(it.share)} (${it.interval.map(percent).join(' to ')}), score off by ${it.meanScoreDifference.toFixed(3)}, other errors ${it.otherErrors}`,
    );
}
