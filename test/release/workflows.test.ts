import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const folder = new URL('../../.github/workflows/', import.meta.url);
/** Whose commit could not be verified: by their major version. */
const byVersion = ['changesets/action@v1', 'actions/upload-pages-artifact@v3', 'actions/deploy-pages@v4'];

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }[];
}

const root = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly packageManager: string;
  readonly scripts: Readonly<Record<string, string>>;
};

describe.each(readdirSync(folder))('the workflow %s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const { permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('may read the repository and nothing else, where a job does not say more', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  it('takes actions by their commit', () => {
    for (const { uses } of steps)
      if (uses !== undefined && !byVersion.includes(uses)) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  it('ends', () => {
    for (const [name, job] of Object.entries(jobs)) expect(job['timeout-minutes'], name).toBeGreaterThan(0);
  });

  it('runs the pnpm of the repository, and scripts that it has', () => {
    const runs = steps.map(({ run = '' }) => run).join('\n');
    for (const [, version] of runs.matchAll(/pnpm@([\d.]+)/g)) expect(`pnpm@${version}`).toBe(root.packageManager);
    for (const [, script = ''] of runs.matchAll(
      /pnpm(?:@[\d.]+)? (?:-s )?((?:test|check|docs):\w+|build|check|demo)\b/g,
    ))
      expect(Object.keys(root.scripts)).toContain(script);
  });

  it('runs tools from elsewhere by an exact version, and lets no pipe hide that one failed', () => {
    for (const { run = '' } of steps) {
      for (const [, tool = ''] of run.matchAll(/\b(?:npx -y|go run) (\S+)/g)) expect(tool).toMatch(/@v?\d+\.\d+\.\d+$/);
      if (/[^|]\|\s/.test(run.replaceAll('||', ''))) expect(run).toMatch(/^\s*set -o pipefail$/m);
    }
  });

  it('never puts what a stranger wrote into a command', () => {
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/);
  });
});

describe('the bases of images', () => {
  const docker = new URL('../../docker/', import.meta.url);
  const bases = JSON.parse(readFileSync(new URL('bases.json', docker), 'utf8')) as Readonly<
    Record<string, { readonly image: string; readonly digest: string | null }>
  >;
  const args = (...argv: string[]) =>
    spawnSync(process.execPath, ['docker/bases.mjs', 'args', ...argv], {
      cwd: fileURLToPath(new URL('..', docker)),
      encoding: 'utf8',
    });

  it.each(['Dockerfile', 'gpu.Dockerfile'])('are those that %s names', (file) => {
    const text = readFileSync(new URL(file, docker), 'utf8');
    const named = Array.from(text.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm), ([, name = '', image]) => [name, image]);
    expect(named.length).toBeGreaterThan(1);
    for (const [name = '', image] of named) {
      expect(bases[name]?.image).toBe(image);
      expect(bases[name]?.digest ?? `sha256:${'0'.repeat(64)}`).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
    // Nothing else is built upon.
    for (const [, from] of text.matchAll(/^FROM (\S+)/gm))
      expect(from).toMatch(/^(?:\$\{\w+_IMAGE\}|scratch|[a-z][a-z-]*)$/);
    const { status, stdout } = args(file);
    const wanted = named.map(([name = '', image]) => [`${name}=${image}`, bases[name]?.digest ?? []].flat().join('@'));
    expect([status, stdout.trim().split('\n')]).toEqual([0, wanted]);
  });

  it('have digests where a release is built, or it is not', () => {
    const { status, stderr } = args('Dockerfile', '--pinned');
    const isPinned = ['NODE_IMAGE', 'DEBIAN_IMAGE'].every((name) => bases[name]?.digest);
    expect(status).toBe(isPinned ? 0 : 1);
    if (!isPinned) expect(stderr).toMatch(/^docker\/bases\.json has no digest of \S+: run the workflow Bases\n$/);
  });
});
