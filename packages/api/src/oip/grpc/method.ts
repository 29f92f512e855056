import type { MethodDefinition } from '@grpc/grpc-js';
import { RookeryError } from '@rookery/contracts';
import type { Codec } from './protobuf/message.ts';
import { ProtobufError } from './protobuf/reader.ts';

/** A message as it came, with its size. */
export interface Received<T> {
  readonly byteLength: number;
  /** What is in it. @throws {RookeryError} REQUEST_INVALID where it is no such message. */
  read(): T;
}

/** A method of a service as grpc-js wants it. */
export function method<Request, Response>(
  path: string,
  request: Codec<Request>,
  response: Codec<Response>,
  streams = { request: false, response: false },
): MethodDefinition<Received<Request>, Response> {
  return {
    path,
    requestStream: streams.request,
    responseStream: streams.response,
    requestSerialize: ({ read }) => request.encode(read()),
    requestDeserialize: (bytes) => received(bytes, request),
    responseSerialize: (value) => response.encode(value),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

/** Read later, by whoever can say what is wrong with it. As plain bytes: `slice` of a Buffer means something else. */
function received<T>({ buffer, byteOffset, byteLength }: Buffer, codec: Codec<T>): Received<T> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return {
    byteLength,
    read() {
      try {
        return codec.decode(bytes);
      } catch (cause) {
        if (!(cause instanceof ProtobufError)) throw cause;
        throw new RookeryError('REQUEST_INVALID', { detail: `the message is malformed: ${cause.message}`, cause });
      }
    },
  };
}
