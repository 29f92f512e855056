// The list of what is in an image, in CycloneDX's form, from what `assemble.mjs` has put together and Debian's own list of packages.
//
//     node docker/sbom.mjs FOLDER [--name rookery] [--modules FOLDER] [--dpkg FILE --os FILE] > sbom.cdx.json
//
// The same image, the same bytes: the time is SOURCE_DATE_EPOCH, the serial number a digest of the contents.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'rookery' },
    // Of an engine that lies beside: a folder `node_modules`.
    modules: { type: 'string' },
    // /var/lib/dpkg/status and /usr/lib/os-release of the image.
    dpkg: { type: 'string' },
    os: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('which folder?');
const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { version } = readJson(join(root, 'package.json'));
const { Library, Platform, OperatingSystem, Container, Data } = Enums.ComponentType;

const licences = new Contrib.License.Factories.LicenseFactory(() => {
  throw new Error('expressions are named as they stand');
});
const builder = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  licences,
);

/** Of an npm package, whatever part of it is in the image. */
function npm(manifest, { type = Library, where }) {
  const component = builder.makeComponent(manifest, type);
  component.purl = `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`;
  component.bomRef.value = `${component.purl}#${where}`;
  component.properties.add(new Models.Property('rookery:where', where));
  return component;
}

const installed = (name, importer) => {
  const paths = createRequire(join(root, importer, 'package.json')).resolve.paths(name) ?? [];
  const path = paths.map((each) => join(each, name, 'package.json')).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`${name} is not installed`);
  return readJson(path);
};

function generic(name, version, { type = Library, purl = `pkg:generic/${name}@${version}`, of = '' } = {}) {
  return new Models.Component(type, name, { version, purl, bomRef: `${purl}${of}` });
}

/** Packages that lie in node_modules; sharp's holds libraries of its own. */
function* packagesIn(modules, where) {
  const names = readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : name,
    );
  for (const name of names) {
    const component = npm(readJson(join(modules, name, 'package.json')), { where: `${where}/${name}` });
    const inside = join(modules, name, 'versions.json');
    if (existsSync(inside))
      for (const [library, version] of Object.entries(readJson(inside)))
        component.components.add(generic(library, version, { of: `#${name}` }));
    yield component;
  }
}

/** What Debian says is installed. */
function* debian() {
  if (!values.dpkg) return;
  const os = Object.fromEntries(
    readFileSync(values.os, 'utf8')
      .split('\n')
      .map((line) => /^(\w+)="?(.*?)"?$/.exec(line)?.slice(1))
      .filter(Boolean),
  );
  const distribution = `${os.ID}-${os.VERSION_ID}`;
  yield generic(os.ID, os.VERSION_ID, { type: OperatingSystem });
  for (const entry of readFileSync(values.dpkg, 'utf8').split('\n\n')) {
    const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1];
    if (!/^install ok installed$/.test(field('Status') ?? '')) continue;
    const [name, version, architecture] = ['Package', 'Version', 'Architecture'].map(field);
    const purl = `pkg:deb/${os.ID}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=${distribution}`;
    yield generic(name, version, { purl });
  }
}

const bom = new Models.Bom();
bom.metadata.component = generic(values.name, version, { type: Container });
bom.metadata.component.licenses.add(licences.makeSpdxLicense('Apache-2.0'));
for (const component of [
  generic('node', process.versions.node, { type: Platform }),
  ...readJson(join(folder, 'dist/bundled-packages.json')).map((each) => npm(each, { where: 'dist' })),
  ...packagesIn(join(folder, 'node_modules'), 'node_modules'),
  ...(values.modules ? packagesIn(values.modules, 'engines') : []),
  npm(installed('preact', 'packages/web'), { where: 'dist/page' }),
  npm(installed('uplot', 'packages/web'), { where: 'dist/page' }),
  npm(installed('openapi-fetch', 'packages/client'), { where: 'dist/page' }),
  npm(installed('@bull-board/ui', 'packages/api'), { where: 'dist/bull-board' }),
  npm(installed('dejavu-fonts-ttf', 'packages/cli'), { where: 'dist/fonts', type: Data }),
  npm(installed('nsfwjs', 'packages/models'), { where: 'dist/starter', type: Data }),
  ...debian(),
])
  bom.components.add(component);

const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
const options = { sortLists: true, space: 2 };
const digest = createHash('sha256').update(serializer.serialize(bom, options)).digest('hex');
// A UUID of version 8: bits of one's own.
bom.serialNumber = `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
bom.metadata.timestamp = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1_000);
process.stdout.write(`${serializer.serialize(bom, options)}\n`);
