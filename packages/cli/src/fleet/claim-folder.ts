import { createHash } from 'node:crypto';
import { stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { makeFolder } from '../make-folder.ts';

const patienceMs = 1_000;
const unknown = 'unknown';

/**
 * Keeps a folder to one process of this machine, until it is disposed of. What holds the claim is a socket, which the system closes
 * when the process ends, however it does: nothing is left to clean up, and no process ID is mistaken for that of another. Makes the folder.
 * @throws {RookeryError} FOLDER_IN_USE, with the other process; USAGE
 */
export async function claimFolder(folder: string): Promise<AsyncDisposable> {
  await makeFolder(folder, 'up');
  // Of the folder itself, by whatever path it is reached.
  const { dev, ino } = await stat(folder, { bigint: true });
  const address = addressOf(createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 16));
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  server.unref();
  if (!(await listens(server, address))) {
    const owner = await ownerOf(address);
    // A socket that is a file outlives its process; nobody answers there.
    if (owner === undefined && !vanishes(address)) await unlink(address).catch(() => {});
    if (owner !== undefined || !(await listens(server, address)))
      throw new RookeryError('FOLDER_IN_USE', { detail: `${folder}, by process ${owner ?? unknown}` });
  }
  return {
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Linux and Windows have names for sockets that vanish with them. */
function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0rookery-${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\rookery-${name}` : join(tmpdir(), `rookery-${name}.sock`);
}

/** Whether nothing of it is left without its process. */
const vanishes = (address: string): boolean => address.startsWith('\0') || address.startsWith('\\\\.\\pipe\\');

function listens(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    server.once('error', failed);
    server.listen(address, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}

/** The number of the process that listens there. */
function ownerOf(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(address);
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', () => {});
    // One that is stopped answers nobody, and has the folder all the same.
    let connected = false;
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('close', () => resolve(connected ? said || unknown : undefined));
  });
}
