import type { ResultLine } from '@rookery/contracts';
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';

/** Rows encoded at once: what bounds the memory. A row of a hundred predictions is about 10 kB. */
const rowsPerGroup = 10_000;

const columns = [
  { name: 'key', type: 'STRING', nullable: false },
  { name: 'etag', type: 'STRING' },
  { name: 'size', type: 'INT64' },
  { name: 'width', type: 'INT32' },
  { name: 'height', type: 'INT32' },
  { name: 'model', type: 'STRING', nullable: false },
  { name: 'error', type: 'STRING' },
  { name: 'label', type: 'STRING' },
  { name: 'index', type: 'INT32' },
  { name: 'score', type: 'DOUBLE' },
  { name: 'predictions', type: 'JSON', nullable: false },
] as const;

/**
 * Results as a Parquet file, one row a picture: `label`, `index` and `score` are those of the top prediction, `predictions` holds all
 * as JSON. Pieces come a row group at a time, so that a file of any size is written in bounded memory.
 */
export async function* parquetResults(lines: AsyncIterable<readonly ResultLine[]>): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let wake = (): void => {};
  let taken = (): void => {};
  let ended = false;
  let stopped = false;
  const writer = handingOn((bytes) => {
    pieces.push(bytes);
    wake();
    // The next group is encoded once this one has been taken.
    return new Promise<void>((resolve) => {
      taken = resolve;
    });
  });
  const rows = async function* (): AsyncGenerator<Record<string, unknown>> {
    for await (const piece of lines)
      for (const line of piece) {
        if (stopped) return;
        yield rowOf(line);
      }
  };
  const written = Promise.resolve(
    parquetWriteRows({ writer, rows: rows(), columns: [...columns], rowGroupSize: rowsPerGroup, createdBy: 'rookery' }),
  ).finally(() => {
    ended = true;
    wake();
  });
  written.catch(() => {});
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece) {
        yield piece;
        taken();
      } else if (ended) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    stopped = true;
    taken();
  }
  await written;
}

/** A writer that gives away what it holds after each row group and at the end, instead of keeping the whole file. */
function handingOn(give: (bytes: Uint8Array) => Promise<void>) {
  const writer = new ByteWriter(1024 * 1024);
  const flush = (): Promise<void> | void => {
    if (writer.index === 0) return;
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return give(bytes);
  };
  return Object.assign(writer, { flush, finish: flush });
}

function rowOf(line: ResultLine): Record<string, unknown> {
  const [best] = line.predictions;
  return {
    key: line.key,
    etag: line.etag,
    size: line.size === null ? null : BigInt(line.size),
    width: line.width,
    height: line.height,
    model: line.model,
    error: line.error?.code ?? null,
    label: best?.label ?? null,
    index: best?.index ?? null,
    score: best?.score ?? null,
    predictions: line.predictions,
  };
}
