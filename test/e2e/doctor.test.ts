import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rookery } from './rookery.ts';

const aFolder = () => mkdtempSync(join(tmpdir(), 'rookery-doctor-'));

describe('rookery doctor', () => {
  it('looks at all that pictures are labelled with here, and exits 0 where nothing is missing', async () => {
    const { code, stdout } = await rookery(['doctor'], { cwd: aFolder() });
    for (const what of [
      'Node',
      'Processor',
      'Instructions',
      'Memory',
      'Devices',
      'Engine',
      'Decoder',
      'JPEG',
      'Models',
    ])
      expect(stdout).toMatch(new RegExp(`^(ok|note) +${what} `, 'm'));
    expect(stdout).toMatch(/^ok +Engine +onnxruntime \S+ on cpu: model ready in \d+ ms, a picture in \d+ ms$/m);
    expect(stdout).toMatch(/^ok +Models .*: content$/m);
    expect(stdout).toMatch(/\nReady\.\n$/);
    expect(code).toBe(0);
  });

  it('says what is missing and what to do about it', async () => {
    const env = { TMPDIR: join(aFolder(), 'not', 'there') };
    const { code, stdout, stderr } = await rookery(['doctor'], { cwd: aFolder(), env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^missing +Temporary files .*there\n +-> set TMPDIR to a folder that can be written to$/m);
    expect(stdout).toMatch(/^ok +Engine /m);
    expect(code).toBe(1);
  });
});
