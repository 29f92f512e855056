export { manifestOf, versionOf } from './version-of.ts';
