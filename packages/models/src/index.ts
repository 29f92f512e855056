export { checkAlias } from './aliases.ts';
export { type CataloguedModel, readCatalog } from './catalog.ts';
export { beside, cleared, promoted, rolledBack, type WhoAndWhy } from './change-rollout.ts';
export { checkName } from './check-draft.ts';
export { defaultModelsFolder } from './default-folder.ts';
export {
  type DownloadProgress,
  type FetchCataloguedOptions,
  type FetchedModel,
  fetchCatalogued,
} from './fetch-catalogued.ts';
export { parseLabels } from './labels.ts';
export type { LoadOptions } from './load-model.ts';
export { openRegistry, type RegistryOptions } from './open-registry.ts';
export type { Published } from './publish.ts';
export { parseReference, type Reference } from './reference.ts';
export type { AliasOptions, ChangeAlias, RegisteredModel, Registry, RemovedVersion } from './registry.ts';
export type { Verification, VerifiedFile } from './verify.ts';
export type { ModelVersionFolder } from './version-folder.ts';
export { manifestOf, versionOf } from './version-of.ts';
