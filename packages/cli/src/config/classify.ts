import { bytes, device, duration, fraction, integer, oneOf, optional, text, toggle } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** The classifier, in whatever command it runs. */
export const classify = {
  top: setting(integer(1, 1000), { env: ['ROOKERY_TOP'], flag: '--top', default: 3 }),
  /** Labels below this score are left out. */
  threshold: setting(fraction(0, 1), { env: ['ROOKERY_THRESHOLD'], flag: '--threshold', default: 0 }),
  /** `cpu`, or numbers of GPUs separated by commas. */
  device: setting(device, { env: ['ROOKERY_DEVICE'], flag: '--device', default: 'cpu' }),
  engine: setting(oneOf('auto', 'onnx', 'tensorrt', 'tensorflow', 'openvino'), {
    env: ['ROOKERY_ENGINE'],
    flag: '--engine',
    default: 'auto',
  }),
  /** `rookery classify`: the processor, where a device cannot be used. */
  fallback: setting(toggle, { env: ['ROOKERY_FALLBACK'], flag: '--fallback', default: false }),
  /** Of the engine; unset: chosen for the machine. */
  threads: setting(optional(integer(1, 256)), { env: ['ROOKERY_THREADS'], flag: '--threads', default: undefined }),
  /** Another form of the model than its default: `fp32`, `int8`. */
  variant: setting(optional(text), { env: ['ROOKERY_VARIANT'], flag: '--variant', default: undefined }),
  /** How much of a picture is decoded: all of it, or only as much as the model can see. Unset: as the model's manifest says. */
  decode: setting(optional(oneOf('exact', 'fast')), { env: ['ROOKERY_DECODE'], flag: '--decode', default: undefined }),
  batch: setting(optional(integer(1, 256)), { env: ['ROOKERY_BATCH'], flag: '--batch', default: undefined }),
  /** A picture with more is PICTURE_TOO_LARGE before it is decoded. */
  maxPixels: setting(integer(1, 2 ** 40), { env: ['ROOKERY_MAX_PIXELS'], flag: '--max-pixels', default: 50_000_000 }),
  /** A file or object with more is refused. */
  maxBytes: setting(bytes(1), { env: ['ROOKERY_MAX_BYTES'], flag: '--max-bytes', default: 256_000_000 }),
  /** An http(s) answer with more is given up. */
  maxUrlBytes: setting(bytes(1), { env: ['ROOKERY_MAX_URL_BYTES'], flag: '--max-url-bytes', default: 64_000_000 }),
  /** What decoding may hold at a time; unset: chosen by the classifier. */
  memoryBudget: setting(optional(bytes(1_000_000)), { env: ['ROOKERY_MEMORY_BUDGET'], default: undefined }),
  /** For one http(s) picture, all of it. */
  urlTimeoutMs: setting(duration(1), { env: ['ROOKERY_URL_TIMEOUT'], flag: '--url-timeout', default: 30_000 }),
} satisfies Section;
