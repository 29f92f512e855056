import { RookeryError } from '@rookery/contracts';
import { toNumber } from '../onnx/int64.ts';
import { elementCount } from '../onnx/tensor.ts';
import { decodeTf } from './codec.ts';
import { type Constant, constantOf, dimsOf, numbersOf } from './constant.ts';
import { maskedCrc32c } from './crc32c.ts';
import { readTable } from './sstable.ts';

/** Reads a file of a model's folder by its path there; `undefined` where there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** The variables of a checkpoint, each read when it is asked for. */
export interface Checkpoint {
  /** @throws {RookeryError} MODEL_INVALID where it is damaged or not there. */
  variable(key: string): Promise<Constant>;
  has(key: string): boolean;
}

const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/**
 * Opens a tensor bundle (tensorflow/core/util/tensor_bundle): `PREFIX.index`, a table of entries, and `PREFIX.data-NNNNN-of-NNNNN`.
 * Every tensor is checked against its CRC. `undefined` where there is no index.
 */
export async function openCheckpoint(read: ReadFile, prefix: string): Promise<Checkpoint | undefined> {
  const index = await read(`${prefix}.index`);
  if (!index) return undefined;
  const entries = readTable(index);
  const header = decodeTf('BundleHeader', entries.get('') ?? new Uint8Array());
  if (header.endianness) throw invalid('the checkpoint is big-endian');
  const count = String(header.numShards ?? 1).padStart(5, '0');
  const shards = new Map<number, Uint8Array>();
  return {
    has: (key) => entries.has(key),
    async variable(key) {
      const bytes = entries.get(key);
      if (!bytes) throw invalid(`the checkpoint has no variable ${JSON.stringify(key)}`);
      const { dtype = 0, shape, shardId = 0, offset = 0, size = 0, crc32c, slices } = decodeTf('BundleEntry', bytes);
      const where = `variable ${JSON.stringify(key)}`;
      if (slices && slices.length > 0)
        throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: `${where} is kept in slices` });
      const name = `${prefix}.data-${String(shardId).padStart(5, '0')}-of-${count}`;
      const shard = shards.get(shardId) ?? (await read(name));
      if (!shard) throw invalid(`there is no ${name}`);
      shards.set(shardId, shard);
      const start = toNumber(offset);
      const data = shard.subarray(start, start + toNumber(size));
      if (data.byteLength !== toNumber(size) || maskedCrc32c(data) !== (crc32c ?? 0) >>> 0)
        throw invalid(`${where} is damaged in ${name}`);
      const dims = dimsOf(shape) ?? [];
      const values = numbersOf(dtype, data, where);
      if (values.length !== elementCount(dims)) throw invalid(`${where} has ${values.length} values for [${dims}]`);
      return constantOf(dims, values);
    },
  };
}
