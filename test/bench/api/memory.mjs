import { round } from '../fleet/figures.mjs';
import { smallPictures } from '../fleet/pictures.mjs';
import { startChild } from './child.mjs';

/** A million requests of every kind to an engine that answers at once: what the service holds after each part of them. */
export async function measureMemory(say, requests = 1_000_000) {
  const pictures = (await smallPictures()).map((bytes) => bytes.toString('base64'));
  const server = await startChild('./server-child.mjs', ['--constant'], ['--expose-gc']);
  const load = await startChild('./load-child.mjs');
  const held = [];
  try {
    const { address } = server.hello;
    const kinds = [
      { url: `${address}/v1/classify`, pictures },
      { url: `${address}/v1/classify?model=nowhere`, pictures },
      { url: `${address}/v1/classify`, json: JSON.stringify({ sources: [{ base64: pictures[0] }] }) },
      { url: `${address}/nowhere`, pictures },
    ];
    let sent = 0;
    let say10 = 0;
    while (sent < requests) {
      for (const kind of kinds) {
        const { answered, refused } = await load.ask({ type: 'closed', callers: 32, ms: 5_000, ...kind });
        sent += answered + refused;
      }
      const { rss, heapUsed, external } = await server.ask({ type: 'gc' });
      held.push({
        sent,
        rssMb: round(rss / 1e6),
        heapMb: round(heapUsed / 1e6, 2),
        externalMb: round(external / 1e6, 2),
      });
      if (sent >= say10) say(JSON.stringify(held.at(-1)));
      say10 = sent + requests / 10;
    }
  } finally {
    await load.stop();
    await server.stop();
  }
  return { requests: held.at(-1)?.sent, held };
}
