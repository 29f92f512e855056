import type { ResultLine } from '@rookery/contracts';
import { pictureThumbnail } from '@rookery/inference';
import type { TableCell } from '@rookery/telemetry';

/** Told what became of a picture: its line, or nothing where it has none. */
export type Sampled = (line: ResultLine | undefined) => void;

/** Larger ones are shown without their picture. */
const maxBytes = 20_000_000;
const maxPixels = 24_000_000;
/** Of a thumbnail's square. Pixels. */
const side = 128;

/**
 * Keeps a few of the pictures that pass by, small, with their labels. One at a time: what comes while a thumbnail is made is let pass, so
 * memory holds one encoded picture more than without.
 */
export class PictureSampler {
  static readonly columns = ['picture', 'key', 'label', 'score'] as const;
  readonly #count: number;
  #rows: TableCell[][] = [];
  #taken = 0;
  #making: Promise<void> | undefined;
  #waits = false;

  /** `count`: pictures between one `take` and the next. */
  constructor(count: number) {
    this.#count = count;
  }

  /** To be called before the bytes are given away. */
  offer(bytes: Uint8Array<ArrayBuffer>): Sampled | undefined {
    if (this.#taken >= this.#count || this.#waits || this.#making) return undefined;
    this.#waits = true;
    const copy = bytes.byteLength <= maxBytes ? bytes.slice() : undefined;
    return (line) => {
      this.#waits = false;
      const [best] = line?.predictions ?? [];
      if (!line || !best) return;
      this.#taken++;
      this.#making = this.#keep(copy, line, [line.key, best.label, best.score]).finally(() => {
        this.#making = undefined;
      });
    };
  }

  /** What was kept since the last time. */
  take(): readonly (readonly TableCell[])[] {
    const rows = this.#rows;
    this.#rows = [];
    // The one under way is among the next.
    this.#taken = this.#making ? 1 : 0;
    return rows;
  }

  /** The thumbnail under way is made. */
  async settled(): Promise<void> {
    await this.#making;
  }

  async #keep(
    bytes: Uint8Array<ArrayBuffer> | undefined,
    { width, height }: ResultLine,
    cells: TableCell[],
  ): Promise<void> {
    const jpeg = bytes && (await pictureThumbnail(bytes, { side, maxPixels, format: 'jpeg' }).catch(() => undefined));
    const scale = Math.min(1, side / Math.max(width ?? 1, height ?? 1));
    const size = (pixels: number | null): number => Math.max(1, Math.round((pixels ?? 1) * scale));
    this.#rows.push([jpeg ? { jpeg, width: size(width), height: size(height) } : null, ...cells]);
  }
}
