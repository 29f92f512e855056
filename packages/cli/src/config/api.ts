import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Environment } from './environment.ts';
import { bytes, duration, integer, list, optional, text, toggle } from './kinds.ts';
import { networks, origins } from './network-kinds.ts';
import { type Section, setting } from './setting.ts';

/** `rookery serve`, and the service that `rookery up` includes. */
export const api = {
  host: setting(text, { env: ['ROOKERY_HOST'], flag: '--host', default: '127.0.0.1' }),
  port: setting(integer(0, 65_535), { env: ['ROOKERY_PORT'], flag: '--port', default: 5000 }),
  /** Of the Open Inference Protocol over gRPC; unset: HTTP only. */
  grpcPort: setting(optional(integer(0, 65_535)), {
    env: ['ROOKERY_GRPC_PORT'],
    flag: '--grpc-port',
    default: undefined,
  }),
  /** Below it the original's `source` may name files; unset: no file is read. */
  localRoot: setting(optional(text), { env: ['ROOKERY_LOCAL_ROOT'], flag: '--local-root', default: undefined }),
  /** Of API keys, hashed. */
  keys: setting(text, { env: ['ROOKERY_KEYS'], flag: '--keys', default: keysFile }),
  /** The content of such a file, instead of it: for places that keep secrets and set variables, such as ECS. */
  keysText: setting(optional(text), { env: ['ROOKERY_KEYS_TEXT'], secret: true, default: undefined }),
  /** Nobody is asked for a key: only where the service is bound to this machine. */
  noAuth: setting(toggle, { env: ['ROOKERY_NO_AUTH'], flag: '--no-auth', default: false }),
  /** Signs the sessions of pages; the same on all instances behind one address. Unset: one of this process. */
  sessionSecret: setting(optional(text), { env: ['ROOKERY_SESSION_SECRET'], secret: true, default: undefined }),
  /** Of pages elsewhere that may call, such as `https://photos.example`. */
  corsOrigins: setting(origins, { env: ['ROOKERY_CORS_ORIGINS'], flag: '--cors-origins', default: [] }),
  /** Addresses and networks whose `X-Forwarded-*` is believed: those of the load balancer. */
  trustProxy: setting(networks, { env: ['ROOKERY_TRUST_PROXY'], flag: '--trust-proxy', default: [] }),
  /** Also fetch addresses without encryption. */
  allowHttp: setting(toggle, { env: ['ROOKERY_ALLOW_HTTP'], flag: '--allow-http', default: false }),
  /** A bucket (`s3://name`) or folder that pictures are put into for jobs; unset: the one that the store lies in. */
  uploads: setting(optional(text), { env: ['ROOKERY_UPLOADS'], flag: '--uploads', default: undefined }),
  /** Signs addresses of this service that pictures are put to; the same on all instances behind one address. Unset: one of this process. */
  uploadSecret: setting(optional(text), { env: ['ROOKERY_UPLOAD_SECRET'], secret: true, default: undefined }),
  /** `whsec_...`, the newest first: webhooks are signed with each. Empty: none are sent. */
  webhookSecrets: setting(list, { env: ['ROOKERY_WEBHOOK_SECRETS'], secret: true, default: [] }),
  maxBodyBytes: setting(bytes(1_000), { env: ['ROOKERY_API_MAX_BODY'], default: 64 * 2 ** 20 }),
  maxPictureBytes: setting(bytes(1_000), { env: ['ROOKERY_API_MAX_PICTURE'], default: 32 * 2 ** 20 }),
  /** Of one request. */
  maxPictures: setting(integer(1, 10_000), { env: ['ROOKERY_API_MAX_PICTURES'], default: 64 }),
  /** Encoded pictures of all requests. */
  maxHeldBytes: setting(bytes(1_000_000), { env: ['ROOKERY_API_MAX_HELD'], default: 256 * 2 ** 20 }),
  /** A picture that would wait longer for its turn is turned away. */
  maxWaitMs: setting(duration(1), { env: ['ROOKERY_API_MAX_WAIT'], flag: '--max-wait', default: 2_000 }),
  /** A request is given up after it. */
  requestTimeoutMs: setting(duration(1), { env: ['ROOKERY_API_TIMEOUT'], default: 60_000 }),
  /** Requests a minute by one key, or one address. */
  rateLimit: setting(integer(1, 100_000_000), { env: ['ROOKERY_RATE_LIMIT'], flag: '--rate-limit', default: 60_000 }),
  /** What the graphs of all warm models may take. */
  modelMemory: setting(bytes(1_000_000), { env: ['ROOKERY_MODEL_MEMORY'], flag: '--model-memory', default: 2 ** 30 }),
} satisfies Section;

/** In the user's configuration folder, by the XDG base directory specification. */
function keysFile(env: Environment): string {
  const { XDG_CONFIG_HOME: given } = env;
  const folder = given && isAbsolute(given) ? given : join(env.HOME || homedir(), '.config');
  return join(folder, 'rookery', 'keys.json');
}
