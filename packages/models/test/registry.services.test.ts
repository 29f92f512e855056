import { randomBytes } from 'node:crypto';
import { openStore } from '@rookery/storage';
import { describe, expect, inject, it } from 'vitest';
import { startS3FaultProxy } from '../../../test/services/index.ts';
import { newBucket } from '../../storage/test/new-bucket.ts';
import { openRegistryAt, type RegistryAtOptions } from '../src/index.ts';
import { aDraft, aFolder } from './a-draft.ts';
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

  it('what was there is not said to be repaired, whatever becomes of answers on the way', async () => {
    const location = `s3://${await newBucket(s3)}/models`;
    await using proxy = await startS3FaultProxy({ endpoint: s3.endpoint });
    await using registry = openRegistryAt(location, {
      cacheFolder: await aFolder(),
      cacheBytes: 1e9,
      openStore: (at) => openStore(at, { s3: { ...s3, endpoint: proxy.endpoint } }),
      openWandb: async () => ({ baseUrl: '', apiKey: undefined }),
      builtIn: [],
    });
    await registry.publish('birds', aDraft());
    proxy.set([{ share: 1, methods: ['PUT'], path: /fp32/, times: 1, fault: { kind: 'lost-answer' } }]);
    expect(await registry.publish('birds', aDraft())).toMatchObject({ created: false, repaired: [] });
  });
});
