import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aFolder, runCommand } from './a-host.ts';

describe('keys of AWS in the configuration file', () => {
  const cwd = aFolder();
  let server: Server;
  let endpoint = '';
  const asked: [string | undefined, string | undefined, unknown][] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { QueueName: name } = (await json(request)) as { QueueName?: string };
      const { authorization, 'x-amz-security-token': session } = request.headers;
      asked.push([name, /Credential=([^/]*)/.exec(authorization ?? '')?.[1], session]);
      // That of events is kept from everybody: no command waits for one.
      response.writeHead(name === 'events' ? 403 : 200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(
        JSON.stringify({ QueueUrl: `${endpoint}/1/${name}`, Attributes: { VisibilityTimeout: '60' }, __type: 'x' }),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const store = { s3AccessKeyId: 'from-file', s3SecretAccessKey: 'secret', s3SessionToken: 'session' };
    const queue = { sqsEndpoint: endpoint, sqsRegion: 'eu-west-1' };
    writeFileSync(join(cwd, 'rookery.config.json'), JSON.stringify({ store, queue }));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    [['queue', 'show', '--queue', 'sqs://fleet'], 'fleet-events'],
    [['ingest', '--events', 'sqs://events', '--queue', 'sqs://fleet', '--store', join(cwd, 'own')], 'events'],
  ])('%j signs for SQS with them, as for S3', async (argv, queue) => {
    await runCommand(argv, { cwd, env: {} });
    expect(asked).toContainEqual([queue, 'from-file', 'session']);
  });
});
