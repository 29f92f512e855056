import { JobId } from '@rookery/contracts';
import * as z from 'zod';

/** A type of value: how it is read from text (environment, flags) or JSON (file), and what to tell those who got it wrong. */
export interface Kind<T> {
  /** Made only when a value has to be checked: most are defaults, and a schema costs more than everything else about a setting. */
  readonly schema: () => z.ZodType<T>;
  /** Reads `allowed: ...` in an error. */
  readonly allowed: string;
}

const fromText = (read: (text: string) => unknown) => (value: unknown) =>
  typeof value === 'string' ? read(value.trim()) : value;

export const text: Kind<string> = { schema: () => z.string().min(1), allowed: 'text' };

/** Of an HTTP service. */
export const httpAddress: Kind<string> = {
  schema: () => z.url({ protocol: /^https?$/ }),
  allowed: 'an address such as http://127.0.0.1:9000 or https://s3.example.org',
};

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER): Kind<number> => ({
  schema: () =>
    z.preprocess(
      fromText((value) => (/^-?\d+$/.test(value) ? Number(value) : value)),
      z.int().min(min).max(max),
    ),
  allowed: max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
});

const number = fromText((value) => (value === '' ? value : Number(value)));

export const fraction = (min: number, max: number): Kind<number> => ({
  schema: () => z.preprocess(number, z.number().min(min).max(max)),
  allowed: `a number from ${min} to ${max}`,
});

/** Of a whole. */
export const share: Kind<number> = {
  schema: () => z.preprocess(number, z.number().gt(0).max(1)),
  allowed: 'a number above 0, up to 1',
};

export const note: Kind<string> = { schema: () => z.string().max(1000), allowed: 'up to 1,000 characters' };

export const jobName: Kind<string> = { schema: () => JobId, allowed: '1 to 64 lower-case letters, digits or "-"' };

export const oneOf = <const T extends string>(...values: readonly [T, ...T[]]): Kind<T> => ({
  schema: () => z.enum(values),
  allowed: values.join(', '),
});

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};
export const toggle: Kind<boolean> = {
  schema: () =>
    z.preprocess(
      fromText((value) => words[value.toLowerCase()] ?? value),
      z.boolean(),
    ),
  allowed: 'true or false',
};

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Milliseconds; as text also `30s`, `5m`. */
export const duration = (minMs: number, maxMs = Number.MAX_SAFE_INTEGER): Kind<number> => ({
  schema: () =>
    z.preprocess(
      fromText((value) => scaled(value, /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/i, milliseconds)),
      z.int().min(minMs).max(maxMs),
    ),
  allowed: `a time such as 500ms, 30s or 5m${minMs > 0 ? `, at least ${minMs} ms` : ''}${maxMs < Number.MAX_SAFE_INTEGER ? `, at most ${maxMs / 1_000} s` : ''}`,
});

const multiples: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};
/** Bytes; as text also `256MB`, `1GiB`. */
export const bytes = (min: number): Kind<number> => ({
  schema: () =>
    z.preprocess(
      fromText((value) => scaled(value, /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?$/i, multiples)),
      z.int().min(min),
    ),
  allowed: `a size such as 500000, 256MB or 1GiB${min > 0 ? `, at least ${min} bytes` : ''}`,
});

/** A list; as text separated by commas, or as JSON where a part has a comma of its own. */
export const list: Kind<readonly string[]> = {
  schema: () =>
    z.preprocess(
      fromText(
        (value) =>
          jsonList(value) ??
          value
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean),
      ),
      z.array(z.string().min(1)),
    ),
  allowed: 'a list (in the environment and on the command line separated by commas, or as JSON: ["a", "b, c"])',
};

function jsonList(value: string): unknown {
  if (!/^\[.*\]$/s.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    // Such as a folder called [old].
    return undefined;
  }
}

/** May also be unset. */
export const optional = <T>(kind: Kind<T>): Kind<T | undefined> => ({
  schema: () => kind.schema().optional(),
  allowed: kind.allowed,
});

function scaled(value: string, pattern: RegExp, units: Readonly<Record<string, number>>): unknown {
  const [, number, unit = ''] = pattern.exec(value) ?? [];
  return number === undefined ? value : Math.round(Number(number) * (units[unit.toLowerCase()] ?? 1));
}

/** `cpu`, or the numbers of GPUs. */
export const device: Kind<'cpu' | readonly number[]> = {
  schema: () =>
    z.preprocess(
      fromText((value) =>
        value === 'cpu' ? value : value.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : part)),
      ),
      z.union([z.literal('cpu'), z.array(z.int().min(0)).min(1)]),
    ),
  allowed: 'cpu, or numbers of GPUs such as 0 or 0,1',
};
