import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { startRedis, temporaryFolder } from './index.ts';

const services = inject('services');
/** Prometheus is two programs: its tests start it themselves. */
const listening = Object.entries(services).flatMap(([name, service]) =>
  service.available && service.kind !== 'prometheus' ? [[name, service] as const] : [],
);

/** One command over a connection of its own, in Redis' inline form. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().trim();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the servers of the tests', () => {
  it.each(Object.entries(services))('%s is there, or says why not', (_name, service) => {
    expect(service.available || service.missing).toBeTruthy();
  });

  it.each(listening)(
    '%s answers, on the loopback interface unless the environment says otherwise',
    async (_, service) => {
      const { hostname, port } = new URL('url' in service ? service.url : service.endpoint);
      if (service.from !== 'environment') expect(hostname).toBe('127.0.0.1');
      const socket = connect({ host: hostname, port: Number(port) });
      await once(socket, 'connect');
      socket.destroy();
    },
  );
});

describe.skipIf(services.redis.from === 'environment' || !services.redis.available)(
  'a server of a test of its own',
  () => {
    it('leaves neither a process nor a folder behind when the process that started it is killed', async () => {
      const script = `
      const { startRedis, temporaryFolder } = await import(${JSON.stringify(new URL('for-node.mjs', import.meta.url).href)});
      const dir = temporaryFolder('left').path;
      const { program } = await startRedis({ dir });
      console.log(JSON.stringify({ pid: program.pid, dir }));`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const { pid, dir } = JSON.parse(line.toString()) as { pid: number; dir: string };
      expect(isAlive(pid) && existsSync(dir)).toBe(true);
      child.kill('SIGKILL');
      for (let i = 0; i < 200 && (isAlive(pid) || existsSync(dir)); i++) await sleep(50);
      expect(isAlive(pid)).toBe(false);
      expect(existsSync(dir)).toBe(false);
    });

    it('comes back on its port with its data after a kill, or empty without appendonly', async () => {
      for (const appendonly of [true, false]) {
        using folder = temporaryFolder('redis-data');
        const first = await startRedis({ dir: folder.path, appendonly });
        expect(await ask(first.port, 'SET label lark')).toBe('+OK');
        // appendonly writes within a second.
        if (appendonly) await sleep(1_200);
        await first.program.kill();
        await using second = await startRedis({ dir: folder.path, appendonly, port: first.port });
        let answer = await ask(second.port, 'GET label');
        while (answer.startsWith('-LOADING')) answer = await ask(second.port, 'GET label');
        expect(answer).toBe(appendonly ? '$4\r\nlark' : '$-1');
      }
    });
  },
);
