import {
  type AliasChange,
  type AliasRecord,
  answersFor,
  encodeAliasRecord,
  maxAliasHistory,
  parseAliasRecord,
  shadowsFor,
  versionFor,
  withChange,
} from '@rookery/contracts';
import { describe, expect, it } from 'vitest';

const keys = Array.from({ length: 20_000 }, (_, index) => `photos/${index}.jpg`);
const rollout = (share: number): AliasRecord => ({ version: 'one', canary: { version: 'two', share } });
const change: AliasChange = { at: '2026-01-01T00:00:00.000Z', what: 'moved', from: 'zero', to: 'one' };

describe('the file of an alias', () => {
  it('is one line while there is nothing but a version, and is read with or without its line end', () => {
    expect(encodeAliasRecord({ version: 'one' })).toBe('one\n');
    for (const text of ['one', 'one\n', ' one \r\n']) expect(parseAliasRecord(text)).toEqual({ version: 'one' });
  });

  it('gives back all that was put into it', () => {
    const record = {
      ...rollout(0.1),
      shadow: { version: 'three', share: 1 },
      rules: { promoteAfter: 2_000, maxErrors: 0.01 },
      history: [change],
    };
    expect(parseAliasRecord(encodeAliasRecord(record))).toEqual(record);
  });

  it('keeps the newest changes only', () => {
    let record: AliasRecord = { version: 'one' };
    for (let index = 0; index < maxAliasHistory + 5; index++)
      record = withChange(record, { ...change, reason: String(index) });
    expect(record.history).toHaveLength(maxAliasHistory);
    expect(record.history?.at(-1)?.reason).toBe(String(maxAliasHistory + 4));
  });

  it.each(['', 'One', '{}', '{"version":"one","canary":{"version":"two","share":0}}', '{"version":"one"'])(
    'is refused where it reads %j',
    (text) => expect(() => parseAliasRecord(text)).toThrow(),
  );
});

describe('a canary', () => {
  it('answers for its share of keys', () => {
    for (const share of [0.01, 0.1, 0.5]) {
      const its = keys.filter((key) => answersFor(key, rollout(share)) === 'canary').length / keys.length;
      // Five standard deviations of a fair draw.
      expect(Math.abs(its - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / keys.length));
    }
  });

  it('keeps its keys as its share grows', () => {
    const small = keys.filter((key) => versionFor(key, rollout(0.1)) === 'two');
    expect(small.length).toBeGreaterThan(0);
    expect(small.every((key) => versionFor(key, rollout(0.2)) === 'two')).toBe(true);
    expect(keys.every((key) => versionFor(key, rollout(1)) === 'two')).toBe(true);
    expect(keys.every((key) => versionFor(key, { version: 'one' }) === 'one')).toBe(true);
  });
});

describe('a shadow', () => {
  it('is drawn apart from the canary: it sees keys that the main version answers', () => {
    const both = { ...rollout(0.5), shadow: { version: 'three', share: 0.5 } };
    const main = keys.filter((key) => answersFor(key, both) === 'stable');
    const seen = main.filter((key) => shadowsFor(key, both).includes('three')).length / main.length;
    expect(Math.abs(seen - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / main.length));
  });

  it('is the canary where a rule asks for disagreement, and nobody where nothing does', () => {
    const rules = { promoteAfter: 1, maxDisagreement: 0.05 };
    expect(keys.every((key) => shadowsFor(key, { ...rollout(1), rules }).join() === 'two')).toBe(true);
    expect(keys.some((key) => shadowsFor(key, rollout(1)).length > 0)).toBe(false);
  });

  it('of another version leaves the canary compared where a rule asks for it, and runs once where it is the canary', () => {
    const rules = { promoteAfter: 1, maxDisagreement: 0.05 };
    const three = { ...rollout(1), rules, shadow: { version: 'three', share: 1 } };
    expect(shadowsFor('a.jpg', three)).toEqual(['three', 'two']);
    expect(shadowsFor('a.jpg', { ...three, shadow: { version: 'two', share: 1 } })).toEqual(['two']);
  });
});
