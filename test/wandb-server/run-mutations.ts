import { randomBytes } from 'node:crypto';
import { ensureProject, newId, now, pathOf, type RunState, type WandbState } from './state.ts';
import { presign } from './storage.ts';
import type { Views } from './views.ts';

interface UpsertBucketInput {
  readonly id?: string | null;
  readonly name?: string | null;
  readonly modelName?: string | null;
  readonly entityName?: string | null;
  readonly [field: string]: unknown;
}

interface RunFilesInput {
  readonly entityName: string;
  readonly projectName: string;
  readonly runName: string;
  readonly files: readonly string[];
}

export function runMutations(state: WandbState, base: string, views: Views) {
  return {
    upsertBucket({ input }: { input: UpsertBucketInput }) {
      const entity = input.entityName || state.entity;
      const project = input.modelName || 'uncategorized';
      const known = [...state.runs.values()].find(({ id }) => id === input.id);
      const name = input.name || known?.name || randomBytes(4).toString('hex');
      const path = known ? pathOf(known.entity, known.project, known.name) : pathOf(entity, project, name);
      const inserted = !state.runs.has(path);
      if (inserted) {
        ensureProject(state, entity, project);
        state.runs.set(path, newRun(entity, project, name));
      }
      const run = state.runs.get(path) as RunState;
      change(run, input);
      return { bucket: views.run(run), inserted };
    },
    upsertModel({ input }: { input: { readonly name: string; readonly entityName?: string } }) {
      const entity = input.entityName || state.entity;
      const inserted = !state.projects.has(pathOf(entity, input.name));
      ensureProject(state, entity, input.name);
      const project = views.project(entity, input.name);
      return { model: project, project, inserted };
    },
    createRunFiles({ input }: { input: RunFilesInput }) {
      const run = state.runs.get(pathOf(input.entityName, input.projectName, input.runName));
      if (!run) throw new Error('run not found');
      const files = input.files.map((name) => {
        const key = `runs/${run.id}/${name}`;
        run.files.set(name, key);
        return { name, uploadUrl: presign(state, base, 'PUT', key) };
      });
      return { runID: run.id, uploadHeaders: [], files };
    },
    markRunFilesUploaded: () => ({ success: true }),
    stopRun: () => ({ success: true }),
  };
}

const newRun = (entity: string, project: string, name: string): RunState => ({
  id: newId('Run'),
  entity,
  project,
  name,
  createdAt: now(),
  heartbeatAt: now(),
  displayName: name,
  description: null,
  notes: null,
  config: '{}',
  summary: '{}',
  state: 'running',
  group: null,
  jobType: null,
  host: null,
  tags: [],
  streams: new Map(),
  posts: [],
  complete: false,
  exitCode: null,
  files: new Map(),
  used: new Set(),
});

function change(run: RunState, input: UpsertBucketInput): void {
  const text = (value: unknown, old: string): string => (typeof value === 'string' && value !== '' ? value : old);
  run.displayName = text(input.displayName, run.displayName);
  run.config = text(input.config, run.config);
  run.summary = text(input.summaryMetrics, run.summary);
  run.state = text(input.state, run.state);
  run.description = text(input.description, run.description ?? '') || null;
  run.notes = text(input.notes, run.notes ?? '') || null;
  run.group = text(input.groupName, run.group ?? '') || null;
  run.jobType = text(input.jobType, run.jobType ?? '') || null;
  run.host = text(input.host, run.host ?? '') || null;
  if (Array.isArray(input.tags)) run.tags = input.tags as string[];
  run.heartbeatAt = now();
}
