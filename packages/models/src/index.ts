export { checkAlias } from './aliases.ts';
export { type CataloguedModel, readCatalog } from './catalog.ts';
export { beside, cleared, type WhoAndWhy } from './change-rollout.ts';
export { checkName } from './check-draft.ts';
export { collectGarbage, type Garbage, type GarbageOptions } from './collect-garbage.ts';
export { type CopiedVersion, copyVersion } from './copy-version.ts';
export { defaultModelsFolder } from './default-folder.ts';
export { type Difference, diffVersions, type VersionAt } from './diff-versions.ts';
export {
  type DownloadProgress,
  type FetchCataloguedOptions,
  type FetchedModel,
  fetchCatalogued,
} from './fetch-catalogued.ts';
export { RolloutJudge } from './judging/rollout-judge.ts';
export { settleRollout } from './judging/settle-rollout.ts';
export type { RolloutVerdict } from './judging/verdict.ts';
export { parseLabels } from './labels.ts';
export type { LoadOptions } from './load-model.ts';
export { meantFor } from './meant-for.ts';
export { openRegistry, type RegistryOptions } from './open-registry.ts';
export { openRegistryAt } from './open-registry-at.ts';
export type { Published } from './publish.ts';
export { parseReference, type Reference } from './reference.ts';
export type { AliasOptions, ChangeAlias, RegisteredModel, Registry, RemovedVersion } from './registry.ts';
export { parseRegistryAddress, type ReferenceAt } from './registry-address.ts';
export type { RegistryAtOptions } from './registry-at-options.ts';
export type { RegistryStore } from './remote/registry-store.ts';
export { rollBack } from './roll-back.ts';
export { readPublicKeys, requireSignature, type Signature, signManifest } from './signing.ts';
export type { Verification, VerifiedFile } from './verify.ts';
export type { VersionContents } from './version-contents.ts';
export type { ModelVersionFolder } from './version-folder.ts';
export { manifestOf, versionOf } from './version-of.ts';
export { type ForeignArtifact, openArtifact } from './wandb/open-artifact.ts';
export { type Registered, type Registration, registerVersion } from './wandb/register-version.ts';
export type { WandbOptions, WandbRunName } from './wandb/wandb-client.ts';
