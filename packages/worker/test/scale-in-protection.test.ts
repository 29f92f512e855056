import { createServer } from 'node:http';
import { silentLogger } from '@rookery/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { ScaleInProtection } from '../src/lease/scale-in-protection.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Answers as the ECS agent does. */
async function anAgent(status = 200) {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, ...JSON.parse(body) });
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ protection: { ProtectionEnabled: true } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return { asked, agentUri: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/1234` };
}

describe('scale-in protection', () => {
  it('is held while busy, not dropped between two tasks, and given up once idle', async () => {
    const { asked, agentUri } = await anAgent();
    const protection = new ScaleInProtection({ agentUri, log: silentLogger, idleForMs: 30 });
    protection.busy(true);
    protection.busy(false);
    protection.busy(true);
    while (asked.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    // Longer than it would take to be given up.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toEqual([
      { method: 'PUT', url: '/api/1234/task-protection/v1/state', ProtectionEnabled: true, ExpiresInMinutes: 60 },
    ]);
    protection.busy(false);
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked[1]).toMatchObject({ ProtectionEnabled: false });
    await protection[Symbol.asyncDispose]();
    expect(asked).toHaveLength(2);
  });

  it('is given up when the worker stops', async () => {
    const { asked, agentUri } = await anAgent();
    const protection = new ScaleInProtection({ agentUri, log: silentLogger });
    protection.busy(true);
    await protection[Symbol.asyncDispose]();
    expect(asked).toMatchObject([{ ProtectionEnabled: true }, { ProtectionEnabled: false }]);
  });

  it('hurts nobody when the agent refuses or is not there', async () => {
    const { agentUri } = await anAgent(500);
    for (const uri of [agentUri, 'http://127.0.0.1:1/']) {
      const warnings: string[] = [];
      const log = { ...silentLogger, warn: (_fields: unknown, message?: string) => void warnings.push(message ?? '') };
      const protection = new ScaleInProtection({ agentUri: uri, log });
      protection.busy(true);
      await protection[Symbol.asyncDispose]();
      expect(warnings).toEqual(['scale-in protection was not set', 'scale-in protection was not set']);
    }
  });
});
