import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../services/reaper.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const node = (script: string, ...argv: string[]) =>
  run(process.execPath, [join(root, 'docker', script), ...argv], { maxBuffer: 2 ** 26 });

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly unknown[];
  readonly components?: readonly Component[];
}

interface Sbom {
  readonly serialNumber: string;
  readonly components: readonly Component[];
}

/** The schema that CycloneDX publishes, as its own library carries it. */
function cycloneDx(): (sbom: unknown) => unknown {
  const library = createRequire(join(root, 'package.json')).resolve('@cyclonedx/cyclonedx-library/package.json');
  const schema = (name: string): object =>
    JSON.parse(readFileSync(join(dirname(library), 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8'));
  // Formats such as iri-reference are not of this validator.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // By the names that it refers to them with.
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
  const validate = ajv.compile(schema('bom-1.6'));
  return (sbom) => (validate(sbom) ? [] : validate.errors);
}

const dpkg = `Package: tini
Status: install ok installed
Architecture: amd64
Version: 0.19.0-1+b3

Package: adduser
Status: deinstall ok config-files
Architecture: all
Version: 3.134
`;

describe('the list of what is in an image', () => {
  const folder = temporaryFolder('sbom');
  afterAll(() => folder[Symbol.dispose]());
  const app = join(folder.path, 'app');
  let text: string;
  let sbom: Sbom;
  beforeAll(async () => {
    await writeFile(join(folder.path, 'status'), dpkg);
    await writeFile(join(folder.path, 'os-release'), 'ID=debian\nVERSION_ID="12"\n');
    await node('assemble.mjs', app);
    text = await make();
    sbom = JSON.parse(text);
  });
  const make = async (): Promise<string> =>
    (await node('sbom.mjs', app, '--dpkg', join(folder.path, 'status'), '--os', join(folder.path, 'os-release')))
      .stdout;

  it('is CycloneDX by its schema', () => {
    expect(cycloneDx()(sbom)).toEqual([]);
  });

  it('names each package beside the bundle, libraries inside of it, and what the bundle was made of', () => {
    const purls = new Set(sbom.components.map(({ purl }) => purl));
    const bundled = JSON.parse(readFileSync(join(app, 'dist/bundled-packages.json'), 'utf8')) as Component[];
    expect(bundled.length).toBeGreaterThan(50);
    for (const { name, version } of bundled) expect(purls).toContain(`pkg:npm/${name.replace('@', '%40')}@${version}`);
    for (const name of readdirSync(join(app, 'node_modules')).filter((each) => !each.startsWith('@'))) {
      const { version } = JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8'));
      expect(purls).toContain(`pkg:npm/${name}@${version}`);
    }
    const inside = sbom.components.flatMap(({ components = [] }) => components).map(({ name }) => name);
    expect(inside).toEqual(expect.arrayContaining(['vips', 'webp', 'tiff']));
  });

  it("names Node and what Debian has installed, and what it has not it doesn't", () => {
    const purls = sbom.components.map(({ purl }) => purl);
    expect(purls).toContain(`pkg:generic/node@${process.versions.node}`);
    expect(purls).toContain('pkg:deb/debian/tini@0.19.0-1%2Bb3?arch=amd64&distro=debian-12');
    expect(purls.filter((purl) => purl.includes('adduser'))).toEqual([]);
  });

  it('says the licence of every npm package', () => {
    const without = sbom.components.filter(({ purl, licenses }) => purl.startsWith('pkg:npm/') && !licenses?.length);
    expect(without.map(({ purl }) => purl)).toEqual([]);
  });

  it('is the same bytes for the same contents', async () => {
    expect(await make()).toBe(text);
  });
});
