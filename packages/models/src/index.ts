export { checkAlias } from './alias/aliases.ts';
export { beside, cleared, type WhoAndWhy } from './alias/change-rollout.ts';
export { meantFor } from './alias/meant-for.ts';
export { rollBack } from './alias/roll-back.ts';
export { rolloutsOf } from './alias/rollouts-of.ts';
export { type CataloguedModel, readCatalog } from './catalog/catalog.ts';
export {
  type DownloadProgress,
  type FetchCataloguedOptions,
  type FetchedModel,
  fetchCatalogued,
} from './catalog/fetch-catalogued.ts';
export { defaultModelsFolder } from './folder/default-folder.ts';
export { findGarbage, type Garbage, removeGarbage } from './folder/garbage.ts';
export { openRegistry, type RegistryOptions } from './folder/open-registry.ts';
export type { Published } from './folder/publish.ts';
export type { ModelVersionFolder } from './folder/version-folder.ts';
export { RolloutJudge } from './judging/rollout-judge.ts';
export { settleRollout } from './judging/settle-rollout.ts';
export type { RolloutVerdict } from './judging/verdict.ts';
export { parseLabels } from './labels/labels.ts';
export { openRegistryAt } from './open-registry-at.ts';
export { parseReference, type Reference } from './reference/reference.ts';
export { parseRegistryAddress, type ReferenceAt } from './reference/registry-address.ts';
export type { AliasOptions, ChangeAlias, RegisteredModel, Registry, RemovedVersion } from './registry.ts';
export type { RegistryAtOptions } from './registry-at-options.ts';
export type { RegistryStore } from './remote/registry-store.ts';
export { readPublicKeys, requireSignature, type Signature, signManifest } from './signing/signing.ts';
export { checkName } from './version/check-draft.ts';
export { type CopiedVersion, copyVersion } from './version/copy-version.ts';
export { type Difference, diffVersions, type VersionAt } from './version/diff-versions.ts';
export type { LoadOptions } from './version/load-model.ts';
export { servingModelOfDraft } from './version/serving-model-of.ts';
export type { Verification, VerifiedFile } from './version/verify.ts';
export type { VersionContents } from './version/version-contents.ts';
export { versionOf } from './version/version-of.ts';
export { type ForeignArtifact, openArtifact } from './wandb/open-artifact.ts';
export { type Registered, type Registration, registerVersion } from './wandb/register-version.ts';
export type { WandbOptions, WandbRunName } from './wandb/wandb-client.ts';
