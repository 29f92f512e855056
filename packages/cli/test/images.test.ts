import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { sections } from '../src/config.ts';

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
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

it('variables that the images and the compose file set are ones that Rookery reads', () => {
  const inImages = ['Dockerfile', 'gpu.Dockerfile'].flatMap((file) =>
    [...read(file).matchAll(/\b(ROOKERY_\w+)=/g)].map(([, name]) => name ?? ''),
  );
  const inCompose = Object.values(compose.services)
    .filter(({ image }) => image.startsWith('rookery-'))
    .flatMap(({ environment = {} }) => Object.keys(environment));
  expect(inImages.length).toBeGreaterThan(3);
  for (const name of [...inImages, ...inCompose])
    if (!['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].includes(name)) expect(known).toContain(name);
});

it('the compose file refers to nothing that is not in it, and publishes to this machine alone', () => {
  const { services, volumes } = compose;
  const targets = [...read('Dockerfile').matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => `rookery-${name}`);
  for (const { image, depends_on = {}, volumes: mounts = [], ports = [], read_only } of Object.values(services)) {
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
    for (const mount of mounts) expect(Object.keys(volumes)).toContain(mount.split(':')[0]);
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
