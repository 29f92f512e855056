import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { find, type KubernetesObject, lint, objectsOf, render } from './render.ts';
import { schemaLocation } from './schemas.ts';
import type { HelmTools } from './tools.ts';

const observability = fileURLToPath(new URL('../../docker/observability', import.meta.url));
const found = inject('helmTools');
const lacking = typeof found === 'string' ? found : undefined;
const tools = found as HelmTools;
const sets = ['redis', 'sqs', 'least', 'everything'];

interface Verdict {
  readonly resources: readonly {
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly msg: string;
  }[];
}

/** Strictly: what the API would not take, and what it would drop without a word. */
function judge(manifest: string): Promise<Verdict> {
  const flags = ['-strict', '-verbose', '-output', 'json', '-schema-location', schemaLocation(tools.schemas)];
  return new Promise((resolve, reject) => {
    const child = execFile(tools.kubeconform, flags, { maxBuffer: 2 ** 24 }, (error, stdout) => {
      // It fails where it found something, which its answer says.
      if (stdout) resolve(JSON.parse(stdout) as Verdict);
      else reject(error);
    });
    child.stdin?.end(manifest);
  });
}

interface Pod {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly volumes: readonly { readonly name: string }[];
        readonly containers: readonly Container[];
      };
    };
  };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly securityContext: unknown;
  readonly ports: readonly { readonly name: string }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: { readonly limits: Readonly<Record<string, unknown>> };
}

const containerOf = (pod: Pod): Container => {
  const [container] = pod.spec.template.spec.containers;
  if (!container) throw new Error('no container');
  return container;
};
const setting = (pod: Pod, name: string): string | undefined =>
  containerOf(pod).env.find((each) => each.name === name)?.value;
const pods = (objects: readonly KubernetesObject[]): Pod[] =>
  objects.filter(({ kind }) => kind === 'Deployment') as unknown as Pod[];

const rulesIn = (folder: string) =>
  ['rules.yml', 'alerts.yml'].map((name) => readFileSync(`${folder}/${name}`, 'utf8'));

describe.skipIf(lacking)(`the chart${lacking ? ` (${lacking})` : ''}`, () => {
  describe.each(sets)('with the values of %s', (values) => {
    let manifest: string;
    let objects: KubernetesObject[];
    beforeAll(async () => {
      manifest = await render(tools, values);
      objects = objectsOf(manifest);
    });

    it('has nothing that helm warns of', async () => {
      expect((await lint(tools, values)).stdout).toContain('0 chart(s) failed');
    });

    it('makes nothing but what the API takes, to the last property', async () => {
      const { resources } = await judge(manifest);
      expect(resources).toHaveLength(objects.length);
      expect(resources.filter(({ status }) => status !== 'statusValid')).toEqual([]);
    });

    it('runs nothing as root, writes nowhere but /tmp, and asks Kubernetes for nothing', () => {
      expect(pods(objects).length).toBeGreaterThan(0);
      for (const pod of pods(objects)) {
        const { spec } = pod.spec.template;
        expect(spec.automountServiceAccountToken).toBe(false);
        expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        expect(spec.volumes).toContainEqual(expect.objectContaining({ name: 'tmp', emptyDir: expect.anything() }));
        expect(containerOf(pod).securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    });

    it('selects in every object the pods that it makes', () => {
      const labels = objects.filter(({ kind }) => kind === 'Deployment').map((each) => each.metadata.labels);
      for (const { kind, spec } of objects as unknown as { kind: string; spec?: Record<string, Selector> }[]) {
        const selector =
          spec?.podSelector?.matchLabels ?? spec?.selector?.matchLabels ?? (kind === 'Service' && spec?.selector);
        if (!selector) continue;
        const matches = labels.some((each) => Object.entries(selector).every(([name, value]) => each[name] === value));
        expect(matches, kind).toBe(true);
      }
    });

    it('gives a worker longer to end than the worker takes', () => {
      const worker = find<Pod>(objects, 'Deployment', 'birds-rookery-worker');
      const graceSeconds = Number.parseInt(setting(worker, 'ROOKERY_GRACE') ?? '', 10);
      expect(worker.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(graceSeconds);
    });

    it('asks every container whether it lives and whether it is ready, at a port that it has', () => {
      for (const pod of pods(objects)) {
        const { ports, startupProbe, readinessProbe, livenessProbe } = containerOf(pod);
        const names = ports.map(({ name }) => name);
        expect([startupProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual(
          Array(2).fill('/health/ready'),
        );
        expect(livenessProbe.httpGet.path).toBe('/health/live');
        for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) expect(names).toContain(httpGet.port);
      }
    });

    it('keeps what is secret in secrets', () => {
      for (const pod of pods(objects))
        for (const { name, value } of containerOf(pod).env)
          if (/SECRET|PASSWORD|KEY/.test(name)) expect(value, name).toBeUndefined();
    });
  });

  it('is judged by schemas that see a wrong type and a wrong name, in Kubernetes and in KEDA', async () => {
    const manifest = await render(tools, 'redis');
    const damaged = manifest
      .replace(
        'automountServiceAccountToken: false\n      enableServiceLinks',
        'automountToken: false\n      enableServiceLinks',
      )
      .replace('pollingInterval: 15', 'pollingInterval: soon');
    const { resources } = await judge(damaged);
    const bad = resources.filter(({ status }) => status !== 'statusValid').map(({ kind }) => kind);
    expect(bad.sort()).toEqual(['Deployment', 'ScaledObject']);
  });

  it('refuses a setting that does not exist, SQS without an address, and an API without keys', async () => {
    await expect(render(tools, 'redis', 'worker.grace=3')).rejects.toThrow(/additional properties 'grace'/);
    await expect(render(tools, 'least', 'queue.kind=sqs')).rejects.toThrow(/urlPrefix/);
    await expect(render(tools, 'least', 'api.enabled=true')).rejects.toThrow(/api\.existingSecret/);
    await expect(render(tools, 'least', 'producer.enabled=true')).rejects.toThrow(/producer\.events/);
  });

  it('speaks to Redis as its URL says, the password left to the kubelet', async () => {
    const worker = find<Pod>(objectsOf(await render(tools, 'redis')), 'Deployment', 'birds-rookery-worker');
    expect(setting(worker, 'ROOKERY_QUEUE')).toBe('rediss://fleet:$(ROOKERY_REDIS_PASSWORD)@redis.data.svc:6380/2');
    // Only a variable that stands before it is filled in.
    const names = containerOf(worker).env.map(({ name }) => name);
    expect(names.indexOf('ROOKERY_REDIS_PASSWORD')).toBeLessThan(names.indexOf('ROOKERY_QUEUE'));
    expect(containerOf(worker).image).toBe('registry.example.org/vision/rookery-worker:1.2.3');
  });

  it('opens the ports of queue and store, and not the metadata of nodes', async () => {
    const policy = find<{ spec: { egress: unknown } }>(
      objectsOf(await render(tools, 'redis')),
      'NetworkPolicy',
      'birds-rookery',
    );
    const text = JSON.stringify(policy.spec.egress);
    for (const port of [53, 443, 6380, 9000]) expect(text).toContain(`"port":${port}`);
    expect(text).toContain('169.254.0.0/16');
  });

  it('opens the agent of EKS Pod Identity where a role is what there is, and only there', async () => {
    const agent = {
      to: [{ ipBlock: { cidr: '169.254.170.23/32' } }, { ipBlock: { cidr: 'fd00:ec2::23/128' } }],
      ports: [{ protocol: 'TCP', port: 80 }],
    };
    const egressOf = async (values: string) =>
      find<{ spec: { egress: unknown[] } }>(objectsOf(await render(tools, values)), 'NetworkPolicy', 'birds-rookery')
        .spec.egress;
    expect(await egressOf('sqs')).toContainEqual(agent);
    // Keys of a secret, and rules of one's own.
    for (const values of ['redis', 'everything'])
      expect(JSON.stringify(await egressOf(values))).not.toContain('169.254.170.23');
  });

  it('adds up the queues of SQS, with what is in flight, as infra does', async () => {
    const { spec } = find<{ spec: Scaled }>(
      objectsOf(await render(tools, 'sqs')),
      'ScaledObject',
      'birds-rookery-worker',
    );
    expect(spec.advanced.scalingModifiers).toEqual({
      formula: 'events + jobs',
      target: '8',
      activationTarget: '0',
      metricType: 'AverageValue',
    });
    expect(spec.triggers.map(({ metadata }) => [metadata.queueURL, metadata.scaleOnInFlight])).toEqual([
      ['https://sqs.eu-west-1.amazonaws.com/123456789012/birds-events', 'true'],
      ['https://sqs.eu-west-1.amazonaws.com/123456789012/birds-jobs', 'true'],
    ]);
    expect(spec).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 10, cooldownPeriod: 300 });
  });

  it('alerts of what docker/observability alerts of, where it is asked to, of jobs by the names that alerts go by', async () => {
    const objects = objectsOf(await render(tools, 'everything'));
    const { spec } = find<{ spec: { groups: unknown[] } }>(objects, 'PrometheusRule', 'birds-rookery');
    expect(spec.groups).toEqual(rulesIn(observability).flatMap((text) => parse(text).groups));
    const { spec: monitor } = find<{ spec: Monitor }>(objects, 'PodMonitor', 'birds-rookery');
    const [{ relabelings } = { relabelings: [] }] = monitor.podMetricsEndpoints;
    expect(relabelings).toEqual([
      {
        sourceLabels: ['__meta_kubernetes_pod_label_app_kubernetes_io_component'],
        targetLabel: 'job',
        replacement: 'rookery-$1',
      },
    ]);
    const components = pods(objects).map(({ spec }) => spec.template.metadata.labels['app.kubernetes.io/component']);
    const { scrape_configs } = parse(readFileSync(`${observability}/prometheus.yml`, 'utf8'));
    const jobs = scrape_configs.map((each: { job_name: string }) => each.job_name);
    expect(jobs).toEqual(expect.arrayContaining(components.map((name) => `rookery-${name}`)));
    for (const values of ['redis', 'sqs', 'least'])
      expect(objectsOf(await render(tools, values)).map(({ kind }) => kind)).not.toContain('PrometheusRule');
    await expect(render(tools, 'redis', 'metrics.rules.enabled=true')).rejects.toThrow(/needs metrics\.enabled/);
  });

  it('leaves the number of workers to whoever scales them', async () => {
    const of = async (values: string) =>
      find<{ spec: { replicas?: number } }>(
        objectsOf(await render(tools, values)),
        'Deployment',
        'birds-rookery-worker',
      ).spec;
    expect((await of('sqs')).replicas).toBeUndefined();
    expect((await of('least')).replicas).toBe(3);
  });

  it('gives a worker with a GPU the image, the device and the limit', async () => {
    const worker = find<Pod>(objectsOf(await render(tools, 'everything')), 'Deployment', 'birds-rookery-worker');
    expect(containerOf(worker).image).toMatch(/^rookery-worker-gpu:\d/);
    expect(containerOf(worker).resources.limits).toMatchObject({ 'nvidia.com/gpu': '1' });
    expect(setting(worker, 'ROOKERY_DEVICE')).toBe('0');
  });
});

interface Monitor {
  readonly podMetricsEndpoints: readonly { readonly relabelings: readonly unknown[] }[];
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

interface Scaled {
  readonly advanced: { readonly scalingModifiers: unknown };
  readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
}
