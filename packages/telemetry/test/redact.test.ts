import { describe, expect, it } from 'vitest';
import { createLogger } from '../src/index.ts';
import { redact } from '../src/redact.ts';

const secret = 'sEcReT0123456789abcdef';

describe('a log line never holds', () => {
  it.each([
    ['the signature of an address', { url: `https://b.s3.amazonaws.com/k?X-Amz-Signature=${secret}&x=1` }],
    ['its credential and session token', `GET /k?a=1&X-Amz-Credential=${secret}%2F2026&x-amz-security-token=${secret}`],
    ['a password in an address', { redis: `redis://user:${secret}@cache:6379/0` }],
    ['a password without a user', { redis: `rediss://:${secret}@cache:6379` }],
    ['a password with odd characters', `amqp://u:p@:${secret}@host/`],
    ['a password as a field, at any depth', { a: { b: [{ password: secret }] } }],
    ['an authorization header', { headers: { Authorization: `Bearer ${secret}` } }],
    ['one in running text', `sent authorization: Basic ${secret} to host`],
    ['a bearer token alone', `refused Bearer ${secret}.${secret}`],
    ['Basic alone, as lists of headers have it', { rawHeaders: ['authorization', `Basic ${secret}==`] }],
    ['a passphrase', { keyPassphrase: secret }],
    ['cookies, one or many', { 'set-cookie': [`a=${secret}`, `b=${secret}`], cookie: secret }],
    ['keys of an API', { apiKey: secret, api_key: secret, 'x-api-key': secret, secretAccessKey: secret }],
    ['JSON in a string', { body: JSON.stringify({ token: secret, kept: 1 }) }],
    ['a token with quotes in it', { token: `a"${secret}\\"b` }],
    ['names that end as secrets do', { redisPassword: secret, WANDB_API_KEY: secret, webhookSecrets: [secret] }],
    ['a header of a signed request', { headers: { 'x-amz-security-token': secret } }],
    ['what a shell was told', `WANDB_API_KEY=${secret} AWS_SECRET_ACCESS_KEY=${secret} password=${secret}`],
    ['a signed address within another one', `https://h/?next=https%3A%2F%2Fb%2Fk%3FX-Amz-Signature%3D${secret}`],
    ['a password with a slash', `redis://u:pa/${secret}@cache:6379`],
    [
      'an address that is none',
      { err: Object.assign(new TypeError('Invalid URL'), { input: `redis://:pa/${secret}@h` }) },
    ],
    ['a key in the place of a user', `https://${secret}@host/1`],
    ['what webhooks are signed with', `whsec_${secret}`],
    ['a private key', { pem: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` }],
    ['the stack of an error', { err: new Error(`failed: https://u:${secret}@h/?sig=${secret}`) }],
  ])('%s', async (_what, logged) => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', service: 'x', destination: { write: (line) => lines.push(line) } });
    if (typeof logged === 'string') log.info(logged);
    else log.info(logged, 'message');
    await log.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(secret);
    expect(lines[0]).toContain('[redacted]');
    expect(() => JSON.parse(lines[0] ?? '')).not.toThrow();
  });

  it('an access key of Amazon', () => {
    expect(redact('{"msg":"AKIAIOSFODNN7EXAMPLE used"}')).toBe('{"msg":"[redacted] used"}');
  });
});

describe('what is no secret stays', () => {
  it.each([
    '{"key":"photos/token.jpg","job":"j1","msg":"task done"}',
    '{"msg":"mail user@example.org, see https://example.org/a?b=c&design=1"}',
    '{"url":"http://localhost:8080/path@2x.png"}',
    '{"msg":"the bearer of bad news","tokens":5}',
    '{"msg":"basic understandability of 3 models"}',
    '{"bucket":"file:///srv/a:b@c"}',
    '{"url":"redis://cache:6379/0","msg":"write to ops@example.org"}',
    '{"msg":"secrets are kept; keys=4 pass=2","tokenCount":5}',
  ])('%s', (line) => {
    expect(redact(line)).toBe(line);
  });

  it('and a hostile line of a megabyte is read once, not again and again', () => {
    for (const unit of [
      '://',
      'authorization',
      '":',
      '\\"',
      '://a:',
      'bearer ',
      '"token":"\\',
      'token',
      'a=',
      '-----BEGIN PRIVATE KEY-----',
    ]) {
      const line = unit.repeat(200_000 / unit.length);
      expect(redact(line).length).toBeGreaterThan(0);
    }
  }, 20_000);
});
