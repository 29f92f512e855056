import { asRookeryError, RookeryError } from '@rookery/contracts';
import protobuf from 'protobufjs';
import type { BundleEntryMessage, GraphDefMessage, SavedModelMessage } from './messages.ts';
import { tensorflowSchema } from './schema.ts';

interface Messages {
  GraphDef: GraphDefMessage;
  SavedModel: SavedModelMessage;
  BundleEntry: BundleEntryMessage;
  BundleHeader: { numShards?: number; endianness?: number };
}

/** Tags that a file may have, so that a small one cannot become a large heap; the largest classifiers have a tenth. */
const maxFields = 2_000_000;

class CountingReader extends protobuf.Reader {
  #left = maxFields;

  override tag(): number {
    this.#left -= 1;
    if (this.#left < 0) throw new RookeryError('MODEL_INVALID', { detail: `it has more than ${maxFields} fields` });
    return super.tag();
  }
}

let root: protobuf.Root | undefined;
const typeOf = (name: string): protobuf.Type => {
  root ??= protobuf.parse(tensorflowSchema, { keepCase: true }).root;
  return root.lookupType(`tensorflow.${name}`);
};

/** Reads one of TensorFlow's messages. @throws {RookeryError} MODEL_INVALID where the bytes are no such message. */
export function decodeTf<Name extends keyof Messages>(name: Name, bytes: Uint8Array): Messages[Name] {
  try {
    return typeOf(name).decode(
      new CountingReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    ) as unknown as Messages[Name];
  } catch (cause) {
    throw new RookeryError('MODEL_INVALID', {
      detail: `not a ${name}, or a damaged one (${asRookeryError(cause).detail})`,
      cause,
    });
  }
}

/** A message's bytes. */
export function encodeTf<Name extends keyof Messages>(name: Name, message: Messages[Name]): Uint8Array {
  return new Uint8Array(typeOf(name).encode(message).finish());
}

/** The JSON form of protocol buffers, as `graphFromJson` reads it. */
export function messageToJson(name: 'GraphDef' | 'SignatureDef', message: object): Record<string, unknown> {
  const type = typeOf(name);
  return type.toObject(type.fromObject(message), { enums: String, longs: String, bytes: String });
}

/** A GraphDef in the JSON form of protocol buffers: bytes as base64, long numbers as text, types by their names. */
export function graphFromJson(json: unknown): GraphDefMessage {
  try {
    return typeOf('GraphDef').fromObject(json as Record<string, unknown>) as unknown as GraphDefMessage;
  } catch (cause) {
    throw new RookeryError('MODEL_INVALID', { detail: 'its topology is not a TensorFlow graph', cause });
  }
}
