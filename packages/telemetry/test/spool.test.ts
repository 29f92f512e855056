import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool } from '../src/tracking/wandb/spool.ts';

describe('a spool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rookery-spool-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const sizeBytes = () => statSync(join(folder, 'requests.jsonl')).size;
  const large = (name: string) => ({ path: `/${name}`, body: 'x'.repeat(700_000) });
  const sendAll = (spool: Spool): string[] => {
    const sent: string[] = [];
    for (let next = spool.first(); next; next = spool.first()) {
      sent.push(next.request.path);
      spool.done(next.bytes, { lines: { history: sent.length } });
    }
    return sent;
  };

  it('takes no more of the disk than what waits, however long it is used', () => {
    const spool = new Spool(folder, 10_000_000);
    for (let round = 0; round < 5; round++) {
      for (const name of ['a', 'b']) expect(spool.add(large(name), 1)).toBe(true);
      expect(sendAll(spool)).toEqual(['/a', '/b']);
      expect(sizeBytes()).toBe(0);
      expect(spool.state.lines).toEqual({ history: 2 });
    }
    spool.close();
  });

  it('goes on after it was killed: what had arrived is not sent again, and nothing that waits is lost', () => {
    const before = new Spool(folder, 10_000_000);
    for (const name of ['a', 'b', 'c']) before.add(large(name), 1);
    before.done(before.first()?.bytes ?? 0);
    before.close();
    const after = new Spool(folder, 10_000_000);
    expect(sendAll(after)).toEqual(['/b', '/c']);
    after.close();
  });

  it('that was killed between emptying its file and saying so begins anew', () => {
    const before = new Spool(folder, 10_000_000);
    for (const name of ['a', 'b']) before.add({ path: `/${name}`, body: '' }, 1);
    sendAll(before);
    before.close();
    truncateSync(join(folder, 'requests.jsonl'), 0);
    const after = new Spool(folder, 10_000_000);
    expect(after.waitingBytes).toBe(0);
    after.add({ path: '/c', body: '' }, 1);
    expect(sendAll(after)).toEqual(['/c']);
    after.close();
  });
});
