import { randomBytes } from 'node:crypto';
import { openStore } from '@rookery/storage';
import { describe, inject } from 'vitest';
import { newBucket } from '../../storage/test/new-bucket.ts';
import { openRegistryAt, type RegistryAtOptions } from '../src/index.ts';
import { aFolder } from './a-draft.ts';
import { registryConformance } from './registry-conformance.ts';

const { s3 } = inject('services');

describe.skipIf(!s3.available || s3.broken['conditional-writes'])('S3', () => {
  registryConformance(`a prefix of a bucket of ${s3.kind}`, async () => {
    const location = `s3://${await newBucket(s3)}/${randomBytes(4).toString('hex')}/models`;
    const opened: AsyncDisposable[] = [];
    const another = async (more: Pick<RegistryAtOptions, 'trusted'> = {}) => {
      const registry = openRegistryAt(location, {
        cacheFolder: await aFolder(),
        cacheBytes: 1e9,
        openStore: (at) => openStore(at, { s3 }),
        openWandb: async () => ({ baseUrl: '', apiKey: undefined }),
        builtIn: [],
        ...more,
      });
      opened.push(registry);
      return registry;
    };
    return {
      registry: await another(),
      another,
      async damage(name, version, path) {
        await using store = await openStore(location, { s3 });
        await store.put(`${name}/${version}/${path}`, 'GRAPH');
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(opened.map((each) => each[Symbol.asyncDispose]()));
      },
    };
  });
});
