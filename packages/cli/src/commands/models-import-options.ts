import { Preprocessing, RookeryError } from '@rookery/contracts';
import type { ImportOptions } from '@rookery/optimizer';
import type { AddOptions } from './models-add-flags.ts';

type FromFlags = Omit<ImportOptions, 'labels' | 'source'>;

/** The flags of `rookery models add` as the importer takes them. @throws {RookeryError} USAGE naming the flag and what it got. */
export function importOptionsOf(options: AddOptions): FromFlags {
  const { width, height, scale, mean, std, licence, outputName, defaultVariant } = options;
  return {
    ...(width !== undefined && { width: pixels('--width', width) }),
    ...(height !== undefined && { height: pixels('--height', height) }),
    ...(scale !== undefined && { scale: positive('--scale', scale) }),
    ...(mean !== undefined && { mean: triple('--mean', mean) }),
    ...(std !== undefined && { std: triple('--std', std) }),
    ...(licence !== undefined && { licence }),
    ...(outputName !== undefined && { output: outputName }),
    ...(defaultVariant !== undefined && { variant: defaultVariant }),
    ...chosen(options),
  };
}

/** What commander has checked against its choices already. */
function chosen({ resize, kernel, layout, channels, range, activation }: AddOptions): FromFlags {
  const given = { resize, kernel, layout, channels, range, activation };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as FromFlags;
}

function pixels(flag: string, text: string): number {
  const parsed = Preprocessing.shape.width.safeParse(Number(text));
  if (!/^\d+$/.test(text) || !parsed.success) throw wrong(flag, text, 'a whole number of pixels from 1 to 8192');
  return parsed.data;
}

function positive(flag: string, text: string): number {
  const value = toNumber(text);
  if (!(value > 0)) throw wrong(flag, text, 'a number greater than 0');
  return value;
}

/** One number is that of every channel. */
function triple(flag: string, text: string): readonly [number, number, number] {
  const [red = Number.NaN, green = red, blue = green, ...more] = text.split(',').map(toNumber);
  const values = [red, green, blue] as const;
  const count = text.split(',').length;
  if (more.length > 0 || count === 2 || values.some((value) => Number.isNaN(value)))
    throw wrong(flag, text, 'three numbers separated by commas, or one for all channels');
  return values;
}

/** `1/255` too, as people write scales. */
function toNumber(text: string): number {
  const [top = '', bottom = '1', ...more] = text.trim().split('/');
  const plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  if (more.length > 0 || !plain.test(top) || !plain.test(bottom)) return Number.NaN;
  return Number(top) / Number(bottom);
}

const wrong = (flag: string, got: string, allowed: string): RookeryError =>
  new RookeryError('USAGE', { detail: `${flag}: got "${got}", allowed: ${allowed}` });
