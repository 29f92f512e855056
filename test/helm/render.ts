import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { type HelmTools, kubeVersion } from './tools.ts';

const run = promisify(execFile);
export const chart = fileURLToPath(new URL('../../docker/helm/rookery', import.meta.url));
const valuesOf = (name: string): string => fileURLToPath(new URL(`values/${name}.yaml`, import.meta.url));

/** An object as far as tests look into it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: Record<string, never>;
}

export const lint = ({ helm }: HelmTools, values: string): Promise<{ stdout: string }> =>
  run(helm, ['lint', '--strict', '--kube-version', kubeVersion, '--values', valuesOf(values), chart]);

/** The manifest as text. @throws with what helm says */
export async function render({ helm }: HelmTools, values: string, ...set: string[]): Promise<string> {
  const flags = ['--kube-version', kubeVersion, '--namespace', 'vision', '--values', valuesOf(values)];
  const { stdout } = await run(helm, ['template', 'birds', chart, ...flags, ...set.flatMap((each) => ['--set', each])]);
  return stdout;
}

export const objectsOf = (manifest: string): KubernetesObject[] =>
  parseAllDocuments(manifest).map((document) => document.toJS() as KubernetesObject);

export function find<T = Record<string, never>>(objects: readonly KubernetesObject[], kind: string, name: string): T {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found as unknown as T;
}
