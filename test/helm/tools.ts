import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../services/cache.ts';
import { onPath, runCommand } from '../services/run-command.ts';
import { writeSchemas } from './schemas.ts';

/** Fixed, so that what passes today passes tomorrow. */
export const versions = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
  kubernetes: 'k8s.io/kubernetes@v1.37.2',
  keda: 'github.com/kedacore/keda/v2@v2.21.0',
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
};

/** The version that charts are rendered for: that of the schemas. */
export const kubeVersion = '1.37.2';

export interface HelmTools {
  readonly helm: string;
  readonly kubeconform: string;
  /** A folder with a JSON schema for each kind. */
  readonly schemas: string;
}

/** Those on PATH, else built by Go into the cache: a minute and a half on two cores, once. @throws where neither is there */
export async function findTools(): Promise<HelmTools> {
  if (!onPath('go')) throw new Error('no go: it brings the schemas, and builds helm and kubeconform');
  // One after the other: each takes all processors.
  const helm = onPath('helm') ?? (await built('helm', versions.helm));
  const kubeconform = onPath('kubeconform') ?? (await built('kubeconform', versions.kubeconform));
  const { kubernetes, keda, prometheusOperator } = versions;
  const kinds = { keda: ['scaledobjects', 'triggerauthentications'], operator: ['podmonitors', 'prometheusrules'] };
  const digest = createHash('sha256').update(JSON.stringify([kubernetes, keda, prometheusOperator, kinds]));
  const schemas = await cached(`schemas-${digest.digest('hex').slice(0, 12)}`, async (folder) => {
    const [api, scaler, operator] = await Promise.all([kubernetes, keda, prometheusOperator].map(moduleFolder));
    await writeSchemas(folder, {
      swagger: join(api ?? '', 'api/openapi-spec/swagger.json'),
      definitions: [
        ...kinds.keda.map((kind) => `${scaler}/config/crd/bases/keda.sh_${kind}.yaml`),
        ...kinds.operator.map(
          (kind) => `${operator}/example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
        ),
      ],
    });
  });
  return { helm, kubeconform, schemas };
}

const nameOf = (name: string, target: string): string => `${name}-${target.split('@').at(-1)}`;

async function built(name: string, target: string): Promise<string> {
  const folder = await cached(nameOf(name, target), async (into) => {
    await mkdir(into, { recursive: true });
    // Compiled fast rather than well.
    await runCommand('go', ['install', '-trimpath', '-gcflags=all=-l', '-ldflags=-s -w', target], {
      env: { GOBIN: into },
      timeoutMs: 600_000,
    });
  });
  return join(folder, name);
}

/** Where a module's files lie once they are fetched. */
export async function moduleFolder(module: string): Promise<string> {
  const printed = await runCommand('go', ['mod', 'download', '-json', module], { timeoutMs: 300_000 });
  return (JSON.parse(printed.slice(printed.indexOf('{'))) as { Dir: string }).Dir;
}
