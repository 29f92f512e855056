import { afterEach, expect, it, vi } from 'vitest';
import { runCommand } from './a-host.ts';

afterEach(() => vi.unstubAllEnvs());

it('who has no credentials for SQS is told of them, not of its address', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nonexistent');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  const env = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' };
  expect(await runCommand(['queue', 'show', '--queue', 'sqs://rookery'], { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('hint: check the credentials of AWS'),
  });
});
