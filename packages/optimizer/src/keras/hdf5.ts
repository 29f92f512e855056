import { RookeryError } from '@rookery/contracts';
import type { File } from 'h5wasm';
import type { Weight } from '../tfjs/weights.ts';

const invalid = (detail: string, cause?: unknown): RookeryError => new RookeryError('MODEL_INVALID', { detail, cause });

let opened = 0;

/** An HDF5 file in memory, read by the HDF Group's own library. */
export class Hdf5 implements Disposable {
  private constructor(
    private readonly h5: typeof import('h5wasm'),
    private readonly file: File,
    private readonly remove: () => void,
  ) {}

  /** @throws {RookeryError} MODEL_INVALID where it is damaged. */
  static async open(bytes: Uint8Array): Promise<Hdf5> {
    const h5 = await import('h5wasm');
    const { FS, activate_throwing_error_handler } = await h5.ready;
    // Else it prints what it met.
    activate_throwing_error_handler();
    const path = `/model-${opened++}.h5`;
    FS.writeFile(path, bytes);
    const remove = (): void => FS.unlink(path);
    try {
      return new Hdf5(h5, new h5.File(path, 'r'), remove);
    } catch (cause) {
      remove();
      throw invalid('the HDF5 file is damaged', cause);
    }
  }

  /** Names below a group, in their order; none where there is no such group. */
  members(path: string): string[] {
    const group = this.#get(path);
    return group instanceof this.h5.Group ? group.keys() : [];
  }

  /** `undefined` where there is none. */
  text(path: string, attribute: string): string | undefined {
    const value = this.#attribute(path, attribute);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    return typeof value === 'string' ? value : undefined;
  }

  /** A list of names, also one that did not fit into an attribute and stands in several; none where there is no such attribute. */
  texts(path: string, attribute: string): string[] {
    const texts = this.#texts(path, attribute);
    for (let part = 0; ; part += 1) {
      const more = this.#texts(path, `${attribute}${part}`);
      if (more.length === 0) return texts;
      texts.push(...more);
    }
  }

  /** @throws {RookeryError} MODEL_INVALID where there are no numbers at this place. */
  numbers(path: string): Weight {
    const dataset = this.#get(path);
    if (!(dataset instanceof this.h5.Dataset)) throw invalid(`there is no dataset ${path}`);
    const { value, shape } = dataset;
    if (typeof value === 'number' || typeof value === 'bigint')
      return { shape: [], values: Float32Array.of(Number(value)) };
    const isNumbers = ArrayBuffer.isView(value) && !(value instanceof DataView);
    if (value instanceof BigInt64Array || value instanceof BigUint64Array)
      return { shape: shape ?? [], values: Float32Array.from(value, Number) };
    if (!isNumbers) throw invalid(`${path} holds ${String(dataset.dtype)}, not numbers`);
    return { shape: shape ?? [], values: value instanceof Float32Array ? value : Float32Array.from(value) };
  }

  [Symbol.dispose](): void {
    this.file.close();
    this.remove();
  }

  #get(path: string): unknown {
    try {
      return this.file.get(path || '/');
    } catch (cause) {
      throw invalid(`the HDF5 file is damaged at ${path}`, cause);
    }
  }

  #texts(path: string, attribute: string): string[] {
    const value = this.#attribute(path, attribute);
    if (typeof value === 'string') return [value];
    return Array.isArray(value) ? value.map(String) : [];
  }

  #attribute(path: string, name: string): unknown {
    const entity = this.#get(path);
    if (!(entity instanceof this.h5.Group || entity instanceof this.h5.Dataset)) return undefined;
    return entity.attrs[name]?.value;
  }
}
