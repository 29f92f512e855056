import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { unpackDebian } from './debian.ts';
import { freePort } from './free-port.ts';
import { type Program, startProgram } from './program.ts';
import { temporaryFolder } from './reaper.ts';
import { onPath } from './run-command.ts';

export interface RedisOptions {
  /** Where its data lie; start again with the same folder and port to bring them back. A temporary one by default. */
  dir?: string | undefined;
  /** Every write is on disk within a second. Off by default: it starts empty. */
  appendonly?: boolean | undefined;
  /** A free one by default. */
  port?: number | undefined;
  /** A node of a Redis Cluster. */
  cluster?: boolean | undefined;
}

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly program: Program;
}

interface RedisProgram {
  readonly command: string;
  readonly libraries: string | undefined;
  readonly from: 'path' | 'cache';
}

async function findRedis(): Promise<RedisProgram> {
  const found = onPath('redis-server') ?? onPath('valkey-server');
  if (found) return { command: found, libraries: undefined, from: 'path' };
  if (!onPath('apt-get') || !onPath('dpkg'))
    throw new Error('no redis-server on PATH, and no apt-get to fetch it with');
  const folder = await cached('redis', (place) =>
    unpackDebian(place, ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1', 'libssl3']),
  );
  const lib = join(folder, 'usr', 'lib');
  const architecture = (await readdir(lib)).find((name) => name.endsWith('-linux-gnu'));
  return {
    command: join(folder, 'usr', 'bin', 'redis-server'),
    libraries: architecture && join(lib, architecture),
    from: 'cache',
  };
}

/** A Redis of the caller's own, on the loopback interface, with `maxmemory-policy noeviction`. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer & { from: 'path' | 'cache' }> {
  const { command, libraries, from } = await findRedis();
  const folder = options.dir === undefined ? temporaryFolder('redis') : undefined;
  const dir = options.dir ?? folder?.path ?? '.';
  await mkdir(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: options.appendonly ? 'yes' : 'no',
    'maxmemory-policy': 'noeviction',
    'cluster-enabled': options.cluster ? 'yes' : 'no',
  };
  const program = await startProgram({
    command,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    env: libraries ? { LD_LIBRARY_PATH: libraries } : {},
    port,
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    program,
    from,
    async [Symbol.asyncDispose]() {
      await program.stop();
      folder?.[Symbol.dispose]();
    },
  };
}
