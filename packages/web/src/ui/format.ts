const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);

/** `1 picture`, `12 pictures`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** 0.841 as `84.1 %`. Little is not rounded to nothing, nor almost certain to certain. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '<\u20090.1\u2009%';
  if (share < 1 && share >= 0.9995) return '>\u200999.9\u2009%';
  return `${tenths.format(share * 100)}\u2009%`;
}

/** Pictures a second and the like, with one decimal where it matters. */
export const rate = (value: number): string => (value < 10 ? tenths.format(value) : whole.format(value));

export function bytes(size: number): string {
  if (size < 1000) return `${size}\u00a0B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(size) / 3), units.length);
  const value = size / 1000 ** power;
  return `${value < 10 ? tenths.format(value) : whole.format(value)}\u00a0${units[power - 1]}`;
}

/** `40 s`, `3 min`, `2 h 10 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}\u00a0h ${minutes % 60}\u00a0min` : `${Math.round(hours / 24)}\u00a0days`;
}

export const milliseconds = (ms: number): string => `${ms < 10 ? tenths.format(ms) : whole.format(ms)}\u00a0ms`;

const near = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const far = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' });

/** Today's times as `14:05`, others with their day. */
export function moment(iso: string): string {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return today ? near.format(date) : `${far.format(date)}, ${near.format(date)}`;
}

/** `sha256:ab12cd…` as `ab12cd34ef56`. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256[:-]/, '').slice(0, 12);

/** The end of a path. */
export const fileName = (path: string): string => path.slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1);
