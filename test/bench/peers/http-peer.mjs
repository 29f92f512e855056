import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { endGroup } from './lines-peer.mjs';

/**
 * A server that is asked for labels over HTTP by so many callers, each with a connection of its own and a picture at a time.
 *
 * @param request how it wants a picture: `{ path, headers, body }`
 * @param best what it answered, as `[index, score]`
 */
export async function startHttpPeer({ program, args, options, port, ready, callers, request, best, versions }) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed = `${printed}${chunk}`.slice(-4_000);
    });
  const found = await whenReady(child, () => (ready ? ready(printed) : { port }));
  const agent = new http.Agent({ keepAlive: true, maxSockets: callers });
  const files = new Map();
  const ask = async (path) => {
    const { statusCode, text } = await post(agent, found.port, files.get(path));
    if (statusCode !== 200) throw new Error(`it answered ${statusCode}: ${text.slice(0, 200)}`);
    return best(JSON.parse(text));
  };
  return {
    ...found,
    versions,
    pid: child.pid,
    async label(paths) {
      for (const path of new Set(paths)) if (!files.has(path)) files.set(path, request(await readFile(path), path));
      const answers = [];
      const latencies = [];
      let next = 0;
      const call = async () => {
        for (let at = next++; at < paths.length; at = next++) {
          const begun = performance.now();
          answers[at] = await ask(paths[at]);
          latencies.push(performance.now() - begun);
        }
      };
      await Promise.all(Array.from({ length: callers }, call));
      return { best: answers, latencies };
    },
    async stop() {
      agent.destroy();
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), sleep(10_000, undefined, { ref: false })]);
      endGroup(child.pid);
    },
  };

  async function whenReady(child, look) {
    for (let attempt = 0; attempt < 600; attempt++) {
      if (child.exitCode !== null) throw new Error(printed.trim().split('\n').at(-1) || 'it ended');
      const at = look();
      if (at && (await answers(at.port))) return at;
      await sleep(200);
    }
    endGroup(child.pid);
    throw new Error('it was not ready after two minutes');
  }
}

function post(agent, port, { path, headers, body }) {
  return new Promise((resolve, reject) => {
    const options = { agent, port, host: '127.0.0.1', method: 'POST', path };
    const sent = http.request({ ...options, headers: { ...headers, 'content-length': body.length } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ statusCode: response.statusCode, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Whether somebody speaks HTTP there, whatever is said. */
const answers = (port) =>
  new Promise((resolve) => {
    const sent = http.get({ port, host: '127.0.0.1', path: '/readyz' }, (response) => {
      response.resume();
      resolve(response.statusCode < 500);
    });
    sent.on('error', () => resolve(false));
  });

/** A picture as a form with one file. */
export function form(field, bytes, name) {
  const boundary = 'a-picture-of-the-benchmark';
  const type = name.endsWith('.png') ? 'image/png' : 'image/jpeg';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="a"\r\ncontent-type: ${type}\r\n\r\n`;
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
