import { readdirSync, readFileSync } from 'node:fs';
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

  it('never puts what a stranger wrote into a command', () => {
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/);
  });
});
