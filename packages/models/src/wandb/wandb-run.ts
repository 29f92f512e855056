import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { WandbClient, WandbRunName } from './wandb-client.ts';

export interface NewRun {
  readonly entity: string;
  readonly project: string;
  readonly jobType: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Last values, as the run's page shows them. */
  readonly summary?: Readonly<Record<string, number>>;
}

/** Begins a run. */
export async function startRun(client: WandbClient, run: NewRun, signal?: AbortSignal): Promise<WandbRunName> {
  const { entity, project, jobType, config = {} } = run;
  const values = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { desc: null, value }]));
  const name = randomBytes(4).toString('hex');
  await client.query(
    `mutation UpsertBucket($name: String!, $project: String!, $entity: String!, $config: JSONString, $jobType: String) {
      upsertBucket(input: { name: $name, modelName: $project, entityName: $entity, config: $config, jobType: $jobType }) {
        bucket { id name } inserted
      }
    }`,
    { name, project, entity, jobType, config: JSON.stringify(values) },
    z.object({ upsertBucket: z.object({ bucket: z.object({ name: z.string() }) }) }),
    signal,
  );
  return { entity, project, name };
}

/** Ends a run with its last values. */
export async function finishRun(
  client: WandbClient,
  { entity, project, name }: WandbRunName,
  { exitCode, summary = {} }: { readonly exitCode: number; readonly summary?: NewRun['summary'] },
): Promise<void> {
  const path = `/files/${[entity, project, name].map(encodeURIComponent).join('/')}/file_stream`;
  if (Object.keys(summary).length > 0) {
    const line = JSON.stringify({ ...summary, _step: 0, _timestamp: Date.now() / 1000 });
    const chunk = { offset: 0, content: [line] };
    await client.post(path, { files: { 'wandb-history.jsonl': chunk, 'wandb-summary.json': chunk } });
  }
  await client.post(path, { complete: true, exitcode: exitCode });
}

/** Lineage: the artifact is an input of the run. */
export async function useArtifact(client: WandbClient, artifactID: string, run: WandbRunName): Promise<void> {
  await client.query(
    `mutation UseArtifact($artifactID: ID!, $entityName: String!, $projectName: String!, $runName: String!) {
      useArtifact(input: { artifactID: $artifactID, entityName: $entityName, projectName: $projectName, runName: $runName }) {
        artifact { id }
      }
    }`,
    { artifactID, entityName: run.entity, projectName: run.project, runName: run.name },
    z.object({ useArtifact: z.unknown() }),
  );
}
