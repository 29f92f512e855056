import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { freePort } from './free-port.ts';
import { startProgram } from './program.ts';
import { temporaryFolder } from './reaper.ts';
import { onPath, runCommand } from './run-command.ts';

export type S3Kind = 'versitygw' | 'minio' | 'moto' | 'fauxqs';

export interface S3Options {
  /** Where its objects lie; a temporary folder by default. */
  dir?: string | undefined;
  port?: number | undefined;
  kinds?: readonly S3Kind[] | undefined;
}

export const testCredentials = { accessKeyId: 'rookery', secretAccessKey: 'rookery-secret' } as const;
export const testRegion = 'us-east-1';

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  readonly kind: S3Kind;
  readonly from: 'path' | 'cache';
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  kill(): Promise<void>;
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly from: 'path' | 'cache';
}

const versitygwVersion = 'v1.8.0';
const motoVersion = '5.2.5';

/** Compiled from source, without inlining: 60 s on two cores the first time (100 s with), seconds while Go's own cache has it. */
async function fetchVersitygw(folder: string): Promise<void> {
  const target = `github.com/versity/versitygw/cmd/versitygw@${versitygwVersion}`;
  await runCommand('go', ['install', '-trimpath', '-gcflags=all=-l', '-ldflags=-s -w', target], {
    env: { GOBIN: folder },
    timeoutMs: 400_000,
  });
}

async function versitygw(port: number, dir: string): Promise<Launch> {
  const found = onPath('versitygw');
  if (!found && !onPath('go')) throw new Error('no go');
  const command = found ?? join(await cached(`versitygw-${versitygwVersion}`, fetchVersitygw), 'versitygw');
  const [data, versions] = [join(dir, 'data'), join(dir, 'versions')];
  await Promise.all([data, versions].map((path) => mkdir(path, { recursive: true })));
  const { accessKeyId, secretAccessKey } = testCredentials;
  const account = ['--access', accessKeyId, '--secret', secretAccessKey, '--region', testRegion];
  return {
    command,
    args: [
      ...account,
      '--port',
      `127.0.0.1:${port}`,
      '--keep-alive',
      '--quiet',
      'posix',
      '--versioning-dir',
      versions,
      data,
    ],
    from: found ? 'path' : 'cache',
  };
}

async function minio(port: number, dir: string): Promise<Launch> {
  const found = onPath('minio');
  if (!found) throw new Error('no minio on PATH');
  return {
    command: found,
    args: ['server', '--quiet', '--address', `127.0.0.1:${port}`, dir],
    env: { MINIO_ROOT_USER: testCredentials.accessKeyId, MINIO_ROOT_PASSWORD: testCredentials.secretAccessKey },
    from: 'path',
  };
}

const python = (): string | undefined => onPath('python3') ?? onPath('python');

async function fetchMoto(folder: string): Promise<void> {
  const wanted = [`moto[s3]==${motoVersion}`, 'flask', 'flask-cors'];
  await runCommand(python() ?? 'python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, ...wanted], {
    timeoutMs: 240_000,
  });
}

/** S3 and SQS in one: the one that sends bucket notifications to a queue. */
async function moto(port: number): Promise<Launch> {
  const interpreter = python();
  if (!interpreter) throw new Error('no python3');
  const packages = await cached(`moto-${motoVersion}`, fetchMoto);
  return {
    command: interpreter,
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '' },
    from: 'cache',
  };
}

const launches: Record<Exclude<S3Kind, 'fauxqs'>, (port: number, dir: string) => Promise<Launch>> = {
  versitygw,
  minio,
  moto,
};

async function start(kind: S3Kind, options: S3Options): Promise<S3Server> {
  const port = options.port ?? (await freePort());
  const common = {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    kind,
    region: testRegion,
    credentials: { ...testCredentials },
  };
  if (kind === 'fauxqs') {
    const { startSqs } = await import('./sqs.ts');
    const server = await startSqs({ port, kinds: ['fauxqs'] });
    return { ...common, from: 'cache', kill: () => server.kill(), [Symbol.asyncDispose]: () => server.kill() };
  }
  const folder = options.dir === undefined ? temporaryFolder('s3') : undefined;
  try {
    const { from, ...launch } = await launches[kind](port, options.dir ?? folder?.path ?? '.');
    const program = await startProgram({ ...launch, port });
    return {
      ...common,
      from,
      kill: () => program.kill(),
      async [Symbol.asyncDispose]() {
        await program.stop();
        folder?.[Symbol.dispose]();
      },
    };
  } catch (error) {
    folder?.[Symbol.dispose]();
    throw error;
  }
}

/** An S3 server of the caller's own, on the loopback interface. Rejects with why none of the kinds can be had. */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const reasons: string[] = [];
  for (const kind of options.kinds ?? (['versitygw', 'minio', 'moto', 'fauxqs'] as const)) {
    try {
      return await start(kind, options);
    } catch (error) {
      reasons.push(`${kind}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(reasons.join('; '));
}
