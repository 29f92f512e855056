import { connect, type Socket } from 'node:net';

/** What came back on a connection, byte by byte, until the other side closed it or nothing came for a while. */
export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  readonly closed: boolean;
}

/** Sends bytes as they are, so that also what no client would send can be sent. */
export function sendRaw(port: number, pieces: readonly (string | Buffer)[], quietMs = 1_500): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    let text = '';
    const end = (closed: boolean): void => {
      socket.destroy();
      resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), closed });
    };
    socket.setTimeout(quietMs, () => end(false));
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
    });
    socket.on('close', () => end(true));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? end(true) : reject(error),
    );
  });
}

/** A connection on which a request was begun. */
export function beginRequest(port: number, head: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(head, () => resolve(socket));
    });
    socket.on('error', () => reject(new Error('no connection')));
    socket.removeAllListeners('error');
    socket.on('error', () => {});
  });
}
