import * as z from 'zod';
import type { VersionContents } from '../version/version-contents.ts';
import { Artifacts } from './artifacts.ts';
import { inRun } from './in-run.ts';
import { WandbClient, type WandbOptions } from './wandb-client.ts';
import { registryProject, wandbPlace } from './wandb-place.ts';
import { useArtifact } from './wandb-run.ts';

export interface Registration {
  readonly entity: string;
  readonly project: string;
  /** Of the model: written into the run's history and summary. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Of the artifact, and of the link. */
  readonly aliases: readonly string[];
  /** The collection of `model-registry` that the artifact is linked to; `undefined`: to none. */
  readonly link?: string | undefined;
}

export interface Registered {
  /** `wandb://entity/project/name:v3` */
  readonly address: string;
  readonly created: boolean;
  /** `entity/model-registry/name:v0` */
  readonly link: string | undefined;
  /** Of the run's page. */
  readonly runUrl: string;
}

/** A run with the model's metrics makes an artifact of type `model`, which is linked to the entity's registry. */
export async function registerVersion(
  options: WandbOptions,
  contents: VersionContents,
  { entity, project, metrics, aliases, link }: Registration,
  signal?: AbortSignal,
): Promise<Registered> {
  const client = new WandbClient(options);
  const { name, version, preprocessing, signature, provenance } = contents.manifest;
  const config = { model: name, version, classes: signature.output.classes, preprocessing, source: provenance.source };
  const run = { entity, project, jobType: 'register-model', config, summary: metrics };
  const done = await inRun(client, run, async (runName) => {
    const inside = new WandbClient({ ...options, run: { entity, project, name: runName } });
    const { created } = await wandbPlace(inside, entity, project).put(contents, signal);
    const artifacts = new Artifacts(inside, entity, project);
    const artifact = await artifacts.find(name, version, signal);
    // It was committed a moment ago.
    if (!artifact) throw new Error(`${name}:${version} is gone`);
    if (!created) await useArtifact(inside, artifact.id, { entity, project, name: runName });
    if (aliases.length > 0) await artifacts.addAliases(artifact.id, name, aliases);
    const linked = link === undefined ? undefined : await linkTo(inside, artifact.id, entity, link, aliases);
    return { created, address: `wandb://${entity}/${project}/${name}:v${artifact.versionIndex}`, link: linked };
  });
  return { ...done.result, runUrl: `${pageOf(client.baseUrl)}/${entity}/${project}/runs/${done.run}` };
}

async function linkTo(
  client: WandbClient,
  artifactID: string,
  entityName: string,
  collection: string,
  aliases: readonly string[],
): Promise<string> {
  const { linkArtifact } = await client.query(
    'mutation LinkArtifact($input: LinkArtifactInput!) { linkArtifact(input: $input) { versionIndex } }',
    {
      input: {
        artifactID,
        artifactPortfolioName: collection,
        entityName,
        projectName: registryProject,
        aliases: aliases.map((alias) => ({ artifactCollectionName: collection, alias })),
      },
    },
    z.object({ linkArtifact: z.object({ versionIndex: z.number().nullish() }) }),
  );
  return `${entityName}/${registryProject}/${collection}:v${linkArtifact.versionIndex ?? 0}`;
}

/** The pages of the public server lie under another name than its calls. */
const pageOf = (baseUrl: string): string => baseUrl.replace('://api.wandb.ai', '://wandb.ai');
