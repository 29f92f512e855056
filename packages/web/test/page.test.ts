import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../dist/page/', import.meta.url));
const read = (name: string) => readFile(`${folder}${name}`);
const named = async (ending: string) => (await readdir(folder)).filter((name) => name.endsWith(ending));

describe('the built page', () => {
  it('is at most 60 kB of script, compressed, everything included', async () => {
    const scripts = await Promise.all((await named('.js')).map(read));
    const size = scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
    expect(scripts.length).toBeGreaterThan(1);
    expect(size).toBeLessThanOrEqual(60_000);
  });

  it('loads nothing from elsewhere and has nothing inline', async () => {
    const html = (await read('index.html')).toString();
    expect(html).not.toMatch(/\sstyle=|<style|\son\w+=|https?:/);
    for (const [, attributes = '', inside = ''] of html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      expect(attributes).toContain('src=');
      expect(inside).toBe('');
    }
    const css = await Promise.all((await named('.css')).map(read));
    expect(css.join('')).not.toMatch(/url\((?!["']?data:)|@import|https?:/);
  });

  it('names files that are there, each with a hash of what is in it', async () => {
    const html = (await read('index.html')).toString();
    const names = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(names).toHaveLength(4);
    for (const name of names) {
      expect(name).toMatch(/-[a-z0-9]{8}\.\w+$/i);
      expect((await read(name)).length).toBeGreaterThan(0);
    }
  });
});
