import { Client, credentials, Metadata, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import type { Received } from '../src/oip/grpc/method.ts';

interface CallOptions {
  readonly metadata?: Record<string, string>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A client of a service's methods. */
export class GrpcClient implements Disposable {
  readonly client: Client;

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  }

  call<Request, Response>(
    method: MethodDefinition<Received<Request>, Response>,
    request: Request,
    { metadata = {}, timeoutMs = 20_000, signal }: CallOptions = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        asReceived(request),
        Metadata.fromHttp2Headers(metadata),
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, response) => (error ? reject(error) : resolve(response as Response)),
      );
      signal?.addEventListener('abort', () => call.cancel());
    });
  }

  stream<Request, Response>(
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Received<Request>, Response>,
    { metadata = {} }: Pick<CallOptions, 'metadata'> = {},
  ) {
    const sent = Metadata.fromHttp2Headers(metadata);
    return this.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, sent);
  }

  /** A call whose message is these bytes, whatever they are. */
  raw(path: string, bytes: Buffer): Promise<Buffer> {
    const same = (value: Buffer) => value;
    return new Promise((resolve, reject) => {
      const deadline = { deadline: Date.now() + 20_000 };
      this.client.makeUnaryRequest(path, same, same, bytes, new Metadata(), deadline, (error, response) =>
        error ? reject(error) : resolve(response as Buffer),
      );
    });
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

export const asReceived = <T>(message: T): Received<T> => ({ byteLength: 0, read: () => message });
