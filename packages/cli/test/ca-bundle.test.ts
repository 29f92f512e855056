import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aFolder, runCommand } from './a-host.ts';

const cwd = aFolder();
const [key, certificate] = [join(cwd, 'key.pem'), join(cwd, 'ca.pem')];
const hasOpenssl = made();

/** A certificate for this machine that is signed by itself. */
function made(): boolean {
  const what = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  try {
    execFileSync('openssl', ['req', ...what, ...names, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl)(`AWS_CA_BUNDLE${hasOpenssl ? '' : ' (openssl is not here)'}`, () => {
  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' };
  let server: Server;
  let endpoint = '';
  let asked: string[] = [];
  const listing = '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
  const given = `<Credentials><AccessKeyId>c</AccessKeyId><SecretAccessKey>d</SecretAccessKey><SessionToken>e</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials>`;
  const role = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${given}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

  beforeAll(async () => {
    // Queues of SQS are signed for by the SDK, which looks there itself.
    for (const [name, value] of Object.entries(keys)) vi.stubEnv(name, value);
    server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, async (request, response) => {
      const isOfQueue = request.headers['x-amz-target'] !== undefined;
      if (request.url === '/' && !isOfQueue) {
        asked.push('a role');
        return void response.writeHead(200, { 'content-type': 'text/xml' }).end(role);
      }
      const { QueueName: name } = isOfQueue ? ((await json(request)) as { QueueName?: string }) : {};
      asked.push(name ?? request.url ?? '');
      if (!isOfQueue) return void response.writeHead(200, { 'content-type': 'application/xml' }).end(listing);
      const known = { QueueUrl: `${endpoint}/1/${name}`, Attributes: { VisibilityTimeout: '60' } };
      // That of events is kept from everybody.
      response.writeHead(name === 'events' ? 403 : 200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(name === 'events' ? {} : known));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });

  const rookery = async (argv: readonly string[], bundle: string | undefined) => {
    asked = [];
    const env = { ...keys, AWS_ENDPOINT_URL: endpoint, ...(bundle !== undefined && { AWS_CA_BUNDLE: bundle }) };
    return { ...(await runCommand(argv, { cwd, env })), asked };
  };

  it.each([
    [['jobs', 'list', '--store', 's3://bucket/own'], expect.stringMatching('^/bucket/')],
    [['queue', 'show', '--queue', 'sqs://fleet'], 'fleet-events'],
    [['ingest', '--events', 'sqs://events', '--queue', 'sqs://fleet', '--store', 's3://bucket/own'], 'events'],
  ])('%j reaches a server whose certificate it signs, which is refused without it', async (argv, reached) => {
    const without = await rookery(argv, undefined);
    expect([without.code, without.asked]).toEqual([1, []]);
    expect(without.stderr).toMatch(/certificate/i);
    const { asked: found } = await rookery(argv, certificate);
    expect(found).toContainEqual(reached);
  });

  it('reaches those who give roles, too', async () => {
    const token = join(cwd, 'token');
    writeFileSync(token, 'who this is');
    const roles = { AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/fleet' };
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    for (const [name, value] of Object.entries({ ...roles, ...none, AWS_ENDPOINT_URL_STS: endpoint }))
      vi.stubEnv(name, value);
    asked = [];
    const env = { AWS_REGION: keys.AWS_REGION, AWS_ENDPOINT_URL: endpoint, AWS_CA_BUNDLE: certificate };
    const { code } = await runCommand(['jobs', 'list', '--store', 's3://bucket/own'], { cwd, env });
    expect(code).toBe(0);
    expect(asked).toEqual(['a role', expect.stringMatching('^/bucket/')]);
  });

  it('is said where it cannot be read, or holds no certificate', async () => {
    const list = ['jobs', 'list', '--store', 's3://bucket/own'];
    writeFileSync(join(cwd, 'empty.pem'), 'nothing');
    for (const [path, why] of [
      [join(cwd, 'gone.pem'), 'there is no such file or folder'],
      [join(cwd, 'empty.pem'), 'no certificate in PEM is in it'],
    ] as const) {
      const { code, stderr, asked: found } = await rookery(list, path);
      expect([code, found]).toEqual([2, []]);
      expect(stderr).toContain(`AWS_CA_BUNDLE) ${path}: ${why}`);
    }
  });
});
