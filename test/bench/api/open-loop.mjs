// Requests at a rate, as from many callers that know nothing of each other: each is sent when its time has come, on a connection that is
// free or a new one, and its time counts from when it should have been sent. Raw sockets, since the load shares the machine's cores.
import { connect } from 'node:net';
import { seededRandom } from '../../../packages/contracts/dist/seeded-random.js';
import { quantiles } from './quantiles.mjs';

/**
 * @param streams `[{ url, method, rate, capacity, pictures, steady }]`, all at the same time. Exponential gaps from a seed; `steady`: one gap, as
 * of the load generators that keep a rate. With a capacity the same arrivals are also put to an ideal server, which takes the same time for each
 * and nothing for all else: `ideal`.
 */
export async function openLoop({ streams, ms, seed = 1 }) {
  return Promise.all(streams.map((stream, index) => run(stream, ms, seededRandom(seed + index))));
}

async function run({ url, method, rate, capacity, pictures, steady = false }, ms, next) {
  const { hostname, port, pathname, search } = new URL(url);
  const requests = pictures.map((text) => {
    const body = Buffer.from(text, 'base64');
    const head = `${method} ${pathname}${search} HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\ncontent-length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), body]);
  });
  const idle = [];
  const open = new Set();
  const done = [];
  let errors = 0;
  let sent = 0;
  const startedAt = performance.now();
  const send = (dueAt) => {
    const connection = idle.pop() ?? openConnection();
    connection.dueAt = dueAt;
    connection.socket.write(requests[sent++ % requests.length]);
  };
  const openConnection = () => {
    const socket = connect(Number(port), hostname);
    const connection = { socket, dueAt: undefined, text: '', left: 0, status: 0 };
    open.add(connection);
    socket.setNoDelay();
    socket.on('data', (data) => receive(connection, data));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (connection.dueAt !== undefined) errors++;
      open.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
    });
    return connection;
  };
  const receive = (connection, data) => {
    if (connection.status === 0) {
      connection.text += data.toString('latin1');
      const end = connection.text.indexOf('\r\n\r\n');
      if (end < 0) return;
      connection.status = Number(connection.text.slice(9, 12));
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(connection.text)?.[1] ?? 0);
      connection.left = length - (connection.text.length - end - 4);
    } else connection.left -= data.length;
    if (connection.left > 0) return;
    done.push({ status: connection.status, ms: performance.now() - connection.dueAt });
    Object.assign(connection, { dueAt: undefined, text: '', status: 0 });
    idle.push(connection);
  };
  const ideal = [];
  let idealFreeAt = startedAt;
  let dueAt = startedAt;
  while (performance.now() - startedAt < ms) {
    while (dueAt <= performance.now()) {
      send(dueAt);
      idealFreeAt = Math.max(idealFreeAt, dueAt) + 1000 / capacity;
      ideal.push(idealFreeAt - dueAt);
      dueAt += ((steady ? 1 : -Math.log(1 - next())) / rate) * 1000;
    }
    await new Promise((resume) => setTimeout(resume, 1));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const answeredInTime = done.length;
  // What is under way is answered, and counts for its latency, not for the rate.
  const until = performance.now() + 10_000;
  while ([...open].some((each) => each.dueAt !== undefined) && performance.now() < until)
    await new Promise((resume) => setTimeout(resume, 10));
  for (const { socket } of open) socket.destroy();
  const good = done.filter(({ status }) => status === 200);
  const refused = done.filter(({ status }) => status === 503 || status === 429);
  return {
    offeredPerSecond: sent / seconds,
    goodPerSecond: done.slice(0, answeredInTime).filter(({ status }) => status === 200).length / seconds,
    good: good.length,
    refused: refused.length,
    other: done.length - good.length - refused.length,
    errors,
    unanswered: sent - done.length - errors,
    latency: quantiles(good.map((each) => each.ms)),
    refusal: quantiles(refused.map((each) => each.ms)),
    ...(capacity && { ideal: quantiles(ideal) }),
  };
}
