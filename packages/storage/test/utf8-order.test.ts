import { describe, expect, it } from 'vitest';
import { compareUtf8, sortUtf8 } from '../src/utf8-order.ts';

describe('the order of UTF-8 bytes', () => {
  const units = [
    '',
    'a',
    'b',
    '/',
    '-',
    'é',
    '\u{7ff}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{ffff}',
    '\u{10000}',
    '\u{1f426}',
    '\u{10ffff}',
  ];
  const all = units.flatMap((a) => units.flatMap((b) => units.map((c) => a + b + c)));
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

  it('is that of compareUtf8, for every pair of strings', () => {
    const some = all.filter((_, i) => i % 5 === 0);
    for (const a of some)
      for (const b of some) if (Math.sign(compareUtf8(a, b)) !== byBytes(a, b)) expect.fail(`${a} ${b}`);
    expect(some.length).toBeGreaterThan(400);
  });

  it('is that of sortUtf8, with and without characters that UTF-16 sorts otherwise', () => {
    expect(sortUtf8([...all])).toEqual([...all].sort(byBytes));
    const plain = all.filter((text) => /^[\0-\u07ff]*$/.test(text));
    expect(sortUtf8([...plain])).toEqual([...plain].sort(byBytes));
  });
});
