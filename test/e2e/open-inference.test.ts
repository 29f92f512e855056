import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTritonclient } from '../peers/tritonclient.ts';
import { photograph } from './pictures.ts';
import { rookeryFile, userIn } from './rookery.ts';

interface Service {
  readonly http: string;
  readonly grpc: string;
}

describe('clients of the Open Inference Protocol', () => {
  let folder: string;
  let serving: ChildProcess | undefined;
  let pictures: readonly string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-oip-'));
    const small = sharp(photograph('black-canyon')).resize(224, 224).removeAlpha().toColourspace('srgb');
    const [png, pixels] = [join(folder, 'small.png'), join(folder, 'small.rgb')];
    await writeFile(png, await small.clone().png().toBuffer());
    await writeFile(pixels, await small.clone().raw().toBuffer());
    pictures = [photograph('black-canyon'), png, pixels];
  });
  afterAll(async () => {
    serving?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const environment = () => userIn(folder);

  async function serve(...options: readonly string[]): Promise<Service> {
    const args = [rookeryFile, 'serve', '--port', '0', '--grpc-port', '0', ...options];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    serving = child;
    let printed = '';
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${printed}`)));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const http = /answers at http:\/\/(\S+)/.exec(printed)?.[1];
        const grpc = /gRPC +(\S+):/.exec(printed)?.[1];
        if (http && grpc) resolve({ http, grpc });
      });
    });
  }

  it("NVIDIA's tritonclient works with a service that asks for keys, over HTTP and gRPC", async ({ skip }) => {
    const tritonclient = await findTritonclient().catch((error: Error) => skip(error.message));
    const create = [rookeryFile, 'keys', 'create', 'triton', '--scopes', 'classify,models', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, create, { cwd: folder, env: environment() });
    const { http, grpc } = await serve();
    const passed = await tritonclient.run([http, grpc, ...pictures, JSON.parse(stdout).key]);
    expect(passed.length).toBeGreaterThanOrEqual(80);
    expect(passed).toEqual(
      expect.arrayContaining(['http: FP32', 'grpc: FP32', "grpc: a stream's order", 'grpc: no key']),
    );
  }, 400_000);
});
