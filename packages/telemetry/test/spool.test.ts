import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs';
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

  it.skipIf(!existsSync('/dev/full'))('on a disk that is full drops and counts, and ends nothing', () => {
    symlinkSync('/dev/full', join(folder, 'requests.jsonl'));
    const spool = new Spool(folder, 10_000_000);
    expect(spool.add({ path: '/a', body: '' }, 3)).toBe(false);
    expect(spool.add({ path: '/b', body: '' }, 1)).toBe(false);
    expect(spool.state).toMatchObject({ droppedLines: 4, dropReason: expect.stringContaining('ENOSPC') });
    expect(spool.first()).toBeUndefined();
    spool.close();
  });

  it('goes past what cannot be read, and counts it', () => {
    const before = new Spool(folder, 10_000_000);
    before.add({ path: '/a', body: '' }, 1);
    before.close();
    appendFileSync(join(folder, 'requests.jsonl'), '{"path":"/torn","bo{"path":"/b","body":""}\n');
    const after = new Spool(folder, 10_000_000);
    after.add({ path: '/c', body: '' }, 1);
    expect(sendAll(after)).toEqual(['/a', '/c']);
    expect(after.state).toMatchObject({ droppedLines: 1, dropReason: 'it lay unreadable in the spool' });
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
