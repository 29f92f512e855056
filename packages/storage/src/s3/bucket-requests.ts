import { isForSdk, leanRequests } from './lean-requests.ts';
import { learnEndpoint } from './learn-endpoint.ts';
import type { ObjectRequests } from './object-requests.ts';
import type { S3Connection } from './s3-connection.ts';
import { sdkRequests } from './sdk-requests.ts';

/** The requests for objects of one bucket: lean where that is known to work, else through the SDK. */
export class BucketRequests {
  readonly #connection: S3Connection;
  readonly #bucket: string;
  #chosen: Promise<ObjectRequests> | undefined;

  constructor(connection: S3Connection, bucket: string) {
    this.#connection = connection;
    this.#bucket = bucket;
  }

  async do<T>(operation: (requests: ObjectRequests) => Promise<T>): Promise<T> {
    this.#chosen ??= this.#choose();
    let requests: ObjectRequests;
    try {
      requests = await this.#chosen;
    } catch (error) {
      this.#chosen = undefined;
      throw error;
    }
    try {
      return await operation(requests);
    } catch (error) {
      if (!isForSdk(error)) throw error;
      // From now on everything goes the long way.
      const through = sdkRequests(await this.#connection.load(), this.#bucket);
      this.#chosen = Promise.resolve(through);
      return await operation(through);
    }
  }

  async #choose(): Promise<ObjectRequests> {
    const loaded = await this.#connection.load();
    const endpoint = await learnEndpoint(loaded, this.#bucket);
    return endpoint ? leanRequests(loaded, endpoint, this.#connection.options) : sdkRequests(loaded, this.#bucket);
  }
}
