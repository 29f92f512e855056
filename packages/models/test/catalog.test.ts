import { existsSync, readFileSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { digestOf } from '@rookery/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchCatalogued, parseLabels, readCatalog } from '../src/index.ts';
import { aFolder } from './a-draft.ts';
import { shared } from './shared.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The address of a mirror that answers as it is told. */
async function aMirror(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/models`;
}

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });

describe('the catalogue', () => {
  it('pins every file by digest and size, at an address of one commit', async () => {
    const models = await readCatalog();
    expect(models.map(({ name }) => name)).toEqual(['birds', 'insects', 'imagenet', 'imagenet-small']);
    for (const { address, file, licence, labels } of models) {
      expect(licence).toBe('Apache-2.0');
      expect([address, labels.address].map((each) => new URL(each).pathname)).toEqual([
        `/google-coral/test_data/104342d2d3480b3e66203073dac24f4e2dbb4c41/${file}`,
        `/google-coral/test_data/104342d2d3480b3e66203073dac24f4e2dbb4c41/${labels.file}`,
      ]);
    }
  });

  it('does not know other names, and says which it knows', async () => {
    await expect(fetchCatalogued('fish')).rejects.toThrowError(withCode('MODEL_NOT_FOUND', 'birds, insects, imagenet'));
  });
});

const smallModel = join(shared, 'models/imagenet_small');
describe.skipIf(!existsSync(smallModel))('a catalogued model', () => {
  const files: Record<string, string> = {
    'imagenet_labels.txt': join(smallModel, 'labels.txt'),
    'mobilenet_v1_0.25_128_quant.tflite': join(smallModel, 'model.tflite'),
  };
  const pathOf = (url = '') => files[url.replace('/models/', '')];
  const serve: RequestListener = (request, response) => {
    const path = pathOf(request.url);
    if (path) response.end(readFileSync(path));
    else response.writeHead(404).end();
  };

  it('is downloaded from a mirror with its labels, both verified, progress told', async () => {
    const progress: number[] = [];
    const fetched = await fetchCatalogued('imagenet-small', {
      mirror: await aMirror(serve),
      onProgress: ({ receivedBytes }) => progress.push(receivedBytes),
    });
    expect(digestOf(fetched.model)).toBe(fetched.entry.digest);
    expect(parseLabels(fetched.labels, fetched.entry.labels.file)).toHaveLength(fetched.entry.labels.classes);
    expect(progress.at(-1)).toBe(fetched.entry.sizeBytes);
  });

  it('comes without its labels for somebody who has others', async () => {
    const asked: string[] = [];
    const mirror = await aMirror((request, response) => {
      asked.push(request.url ?? '');
      serve(request, response);
    });
    const fetched = await fetchCatalogued('imagenet-small', { mirror, withoutLabels: true });
    expect(fetched.labels).toHaveLength(0);
    expect(asked).toEqual(['/models/mobilenet_v1_0.25_128_quant.tflite']);
  });

  it('is taken from a folder too, with a mirror that ends with a slash', async () => {
    const folder = await aFolder();
    for (const [name, path] of Object.entries(files)) await copyFile(path, join(folder, name));
    const { model } = await fetchCatalogued('imagenet-small', { mirror: `${pathToFileURL(folder).href}/` });
    expect(model.byteLength).toBe(525_598);
  });

  it('is refused where one bit differs, with both digests', async () => {
    const folder = await aFolder();
    for (const [name, path] of Object.entries(files)) await copyFile(path, join(folder, name));
    const changed = join(folder, 'mobilenet_v1_0.25_128_quant.tflite');
    const bytes = await readFile(changed);
    bytes[300_000] = (bytes[300_000] ?? 0) ^ 4;
    // Copied from where nothing may be written.
    await writeFile(`${changed}.new`, bytes);
    const mirror = await aMirror((request, response) =>
      response.end(readFileSync(request.url?.endsWith('tflite') ? `${changed}.new` : (pathOf(request.url) ?? ''))),
    );
    for (const part of ['sha256:cb273c23', digestOf(bytes)])
      await expect(fetchCatalogued('imagenet-small', { mirror })).rejects.toThrowError(withCode('MODEL_CORRUPT', part));
  });

  it('comes through a mirror that is out of order for a moment', async () => {
    let requests = 0;
    const mirror = await aMirror((request, response) => {
      if (++requests <= 2) response.writeHead(503).end();
      else serve(request, response);
    });
    expect((await fetchCatalogued('imagenet-small', { mirror })).model.byteLength).toBe(525_598);
  });

  it('comes through a mirror behind a password, which no message tells', async () => {
    const mirror = await aMirror((request, response) => {
      if (request.headers.authorization !== `Basic ${btoa('me:p@ss')}`) response.writeHead(401).end();
      else serve(request, response);
    });
    const withPassword = (password: string) => mirror.replace('//', `//me:${password}@`);
    expect((await fetchCatalogued('imagenet-small', { mirror: withPassword('p%40ss') })).model.byteLength).toBe(
      525_598,
    );
    const refused = fetchCatalogued('imagenet-small', { mirror: withPassword('wr0ng') });
    await expect(refused).rejects.toThrowError(withCode('SOURCE_DENIED', '401'));
    await expect(refused).rejects.not.toThrowError(/wr0ng/);
  });
});

describe('a mirror', () => {
  it('that sends more than there should be is cut off', async () => {
    let sent = 0;
    const mirror = await aMirror((_request, response) => {
      const more = (): void => {
        while (sent < 1e9) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
        }
      };
      more();
    });
    await expect(fetchCatalogued('birds', { mirror })).rejects.toThrowError(withCode('MODEL_CORRUPT', 'more'));
    expect(sent).toBeLessThan(100e6);
  });

  it.each([
    [404, 'SOURCE_NOT_FOUND'],
    [403, 'SOURCE_DENIED'],
    [418, 'SOURCE_UNREADABLE'],
  ])('that answers %i gives %s', async (status, code) => {
    const mirror = await aMirror((_request, response) => response.writeHead(status).end('<html>no</html>'));
    await expect(fetchCatalogued('birds', { mirror })).rejects.toThrowError(withCode(code, String(status)));
  });

  it('that answers a page instead of the file is refused', async () => {
    const mirror = await aMirror((_request, response) => response.end('<html>please log in</html>'));
    await expect(fetchCatalogued('birds', { mirror })).rejects.toThrowError(withCode('MODEL_CORRUPT', '26 of 37146'));
  });

  it('that falls silent is given up, also in the middle', async () => {
    for (const first of ['', 'x']) {
      const mirror = await aMirror((_request, response) => void (first && response.write(first)));
      await expect(fetchCatalogued('birds', { mirror, timeoutMs: 100 })).rejects.toThrowError(withCode('TIMED_OUT'));
    }
  });

  it('is let go when the caller gives up', async () => {
    const controller = new AbortController();
    const mirror = await aMirror((_request, response) => {
      response.write('x');
      controller.abort();
    });
    await expect(fetchCatalogued('birds', { mirror, signal: controller.signal })).rejects.toThrowError(
      withCode('ABORTED'),
    );
  });

  it('that is not there or no address is named', async () => {
    const gone = fetchCatalogued('birds', { mirror: 'http://127.0.0.1:1' });
    await expect(gone).rejects.toThrowError(withCode('SOURCE_UNREADABLE', 'http://127.0.0.1:1/inat_bird_labels.txt'));
    for (const mirror of ['example', '/srv/models', 'ftp://example.org/models'])
      await expect(fetchCatalogued('birds', { mirror })).rejects.toThrowError(withCode('CONFIG_INVALID', mirror));
    const folder = pathToFileURL(await aFolder()).href;
    await expect(fetchCatalogued('birds', { mirror: folder })).rejects.toThrowError(withCode('SOURCE_NOT_FOUND'));
  });
});
