// Load from a process of its own: autocannon for a closed loop, `open-loop.mjs` for requests that come whether they are answered or not.
import autocannon from 'autocannon';
import { openLoop } from './open-loop.mjs';

process.on('message', async (message) => {
  if (message.type === 'closed') process.send(await closed(message));
  if (message.type === 'open') process.send(await openLoop(message));
  if (message.type === 'stop') process.disconnect();
});
process.send({ ready: true });

/** @param pictures base64; or `json`: a body that is sent again and again. */
async function closed({ url, callers, ms, pictures = [], json }) {
  const cpu = process.cpuUsage();
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': json ? 'application/json' : 'image/jpeg' },
    connections: callers,
    duration: ms / 1000,
    requests: json ? [{ body: json }] : pictures.map((text) => ({ body: Buffer.from(text, 'base64') })),
  });
  const { latency, duration, non2xx, errors } = result;
  const { user, system } = process.cpuUsage(cpu);
  return {
    picturesPerSecond: result['2xx'] / duration,
    answered: result['2xx'],
    refused: non2xx,
    errors,
    loadCpuMs: (user + system) / 1000 / result.requests.total,
    p50: latency.p50,
    p99: latency.p99,
  };
}
