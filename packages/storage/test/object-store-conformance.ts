import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../src/index.ts';
import { keys } from './conformance/keys.ts';
import { listing } from './conformance/listing.ts';
import { reading } from './conformance/reading.ts';
import { writing } from './conformance/writing.ts';

/** What is asked of every store. `open` gives a new, empty one each time. */
export function objectStoreConformance(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} keeps the promises of ObjectStore`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store[Symbol.asyncDispose]());
    const current = (): ObjectStore => store;

    it('says where it is', () => {
      expect(store.location).toMatch(/^(s3:\/\/[a-z0-9-]+\/|file:\/\/\/).*\/$|^s3:\/\/[a-z0-9-]+\/$/);
    });

    reading(current);
    writing(current);
    listing(current);
    keys(current);
  });
}
