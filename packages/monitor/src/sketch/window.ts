import { Digest } from '@rookery/contracts';
import * as z from 'zod';
import { type AxisName, axes, axisNames } from './axes.ts';

const Count = z.int().min(0);
const histogram = (name: AxisName) => z.array(Count).length(axes[name].bins);

/** What was seen of one model over some time: counts only, of bounded size, that add up. */
export const Window = z.strictObject({
  v: z.literal(1),
  /** Digest of the pin: `model` of the result lines. */
  model: Digest,
  /** `name@version`, where it is known. */
  name: z.string().max(200).nullable(),
  /** First and last picture, or those of the results. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** With and without labels. */
  pictures: Count,
  failed: Count,
  /** Labels a picture that entropies are of; 0 where they differ. */
  top: Count,
  /** Pictures by their best label. */
  classes: z.record(z.string(), Count),
  histograms: z.strictObject({
    confidence: histogram('confidence'),
    entropy: histogram('entropy'),
    pixels: histogram('pixels'),
    shape: histogram('shape'),
    brightness: histogram('brightness'),
    sharpness: histogram('sharpness'),
  }),
});
export type Window = z.infer<typeof Window>;

/** Labels that a window tells apart; pictures of others count as `otherClasses`. */
export const maxClasses = 20_000;
export const otherClasses = '(other)';

/** Two windows of one model as one. @throws {TypeError} where they are of two models. */
export function mergeWindows(a: Window, b: Window): Window {
  if (a.model !== b.model) throw new TypeError('windows of two models do not add up');
  const classes = new Map(Object.entries(a.classes));
  for (const [label, count] of Object.entries(b.classes)) addClass(classes, label, count);
  const histograms = Object.fromEntries(
    axisNames.map((name) => [name, a.histograms[name].map((count, bin) => count + (b.histograms[name][bin] ?? 0))]),
  ) as Window['histograms'];
  return {
    ...a,
    name: a.name ?? b.name,
    from: earlier(a.from, b.from),
    to: later(a.to, b.to),
    pictures: a.pictures + b.pictures,
    failed: a.failed + b.failed,
    top: a.top === b.top ? a.top : 0,
    classes: Object.fromEntries(classes),
    histograms,
  };
}

export function addClass(classes: Map<string, number>, label: string, count: number): void {
  const known = classes.get(label);
  if (known !== undefined || classes.size < maxClasses) classes.set(label, (known ?? 0) + count);
  else classes.set(otherClasses, (classes.get(otherClasses) ?? 0) + count);
}

/** Times in ISO 8601 have the order of their text. */
const earlier = (a: string, b: string): string => (a.localeCompare(b, 'en') < 0 ? a : b);
const later = (a: string, b: string): string => (earlier(a, b) === a ? b : a);
