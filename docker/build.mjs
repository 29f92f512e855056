// Builds the images with docker, podman or buildah, whichever is there.
//
//     node docker/build.mjs [worker|producer|api ...] [--tag 0.1.0] [--models FOLDER] [--sbom FOLDER]
//     node docker/build.mjs --gpu [worker|api|worker-tensorrt|worker-tensorflow ...] [--providers FOLDER]
//
// --models bakes a registry's folder in; --sbom also writes the list of what is in each image there; --providers has ONNX Runtime's libraries for
// CUDA where NuGet cannot be reached. ROOKERY_BUILDER chooses the program. Bases are those of bases.json; --unpinned: by their tags alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { baseArgs } from './bases.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { values, positionals } = argumentsOf({
  tag: { type: 'string', default: version },
  models: { type: 'string' },
  gpu: { type: 'boolean', default: false },
  base: { type: 'string' },
  unpinned: { type: 'boolean', default: false },
  sbom: { type: 'string' },
  providers: { type: 'string' },
});
const file = values.gpu ? 'gpu.Dockerfile' : 'Dockerfile';
const usual = values.gpu ? ['worker', 'api'] : ['worker', 'producer', 'api'];
const known = values.gpu ? [...usual, 'worker-tensorrt', 'worker-tensorflow'] : usual;
const targets = positionals.length > 0 ? positionals : usual;
for (const target of targets) if (!known.includes(target)) refuse(`${target} is none of ${known.join(', ')}`);
for (const name of ['models', 'providers'])
  if (values[name] !== undefined && !statSync(values[name], { throwIfNoEntry: false })?.isDirectory())
    refuse(`--${name} ${values[name]}: there is no such folder`);

const works = (program, ...argv) => spawnSync(program, argv, { stdio: 'ignore' }).status === 0;
const isThere = (program) =>
  program === 'docker' ? works('docker', 'buildx', 'version') && works('docker', 'info') : works(program, '--version');
const builder = process.env.ROOKERY_BUILDER ?? ['docker', 'podman', 'buildah'].find(isThere);
if (!builder) refuse('none of docker, podman, buildah is there');
if (!works(builder, '--version')) refuse(`ROOKERY_BUILDER ${builder}: it cannot be run`);

// Certificates that this machine adds to Node's are needed while packages are fetched, and stay out of the image.
const certificates = process.env.NODE_EXTRA_CA_CERTS;
const mounts =
  certificates && builder !== 'docker'
    ? [
        '--volume',
        `${dirname(resolve(certificates))}:/run/certificates:ro`,
        '--build-arg',
        `NODE_EXTRA_CA_CERTS=/run/certificates/${certificates.split('/').at(-1)}`,
      ]
    : [];
// An empty context where no models are baked in.
const nothing = mkdtempSync(join(tmpdir(), 'rookery-models-'));
try {
  for (const target of targets) {
    const name = `rookery-${target}${values.gpu ? '-gpu' : ''}:${values.tag}`;
    const startedAt = Date.now();
    const { status } = spawnSync(
      builder,
      [
        'build',
        ...(builder === 'buildah' ? ['--layers', '--network', 'host', '--pull=missing', '--format', 'docker'] : []),
        '--file',
        join(root, 'docker', file),
        '--target',
        target,
        '--tag',
        name,
        '--build-context',
        `models=${resolve(values.models ?? nothing)}`,
        ...(values.gpu ? ['--build-context', `providers=${resolve(values.providers ?? nothing)}`] : []),
        ...(values.unpinned ? [] : baseArgs(file).flatMap((each) => ['--build-arg', each])),
        ...(values.base ? ['--build-arg', `NODE_IMAGE=${values.base}`] : []),
        // The same inputs, the same image.
        '--build-arg',
        `SOURCE_DATE_EPOCH=${process.env.SOURCE_DATE_EPOCH ?? 0}`,
        ...(builder === 'docker' ? [] : ['--timestamp', process.env.SOURCE_DATE_EPOCH ?? '0']),
        ...mounts,
        root,
      ],
      { stdio: 'inherit' },
    );
    if (status !== 0) {
      process.exitCode = status ?? 1;
      break;
    }
    if (values.sbom) {
      mkdirSync(values.sbom, { recursive: true });
      writeFileSync(join(values.sbom, `${name.split(':')[0]}.cdx.json`), readSbom(name));
    }
    console.error(`${name}: ${((Date.now() - startedAt) / 1000).toFixed(0)} s with ${builder}`);
  }
} finally {
  rmSync(nothing, { recursive: true, force: true });
}

/** What was asked for. */
function argumentsOf(options) {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return refuse(error.message);
  }
}

/** Says what is wrong with the line, and builds nothing. */
function refuse(why) {
  console.error(`docker/build.mjs: ${why}`);
  process.exit(2);
}

/** As it lies in the image. */
function readSbom(image) {
  const call = (...argv) => {
    const { status, stdout } = spawnSync(builder, argv, { maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`${builder} ${argv[0]} ended with ${status}`);
    return stdout;
  };
  const path = '/app/sbom.cdx.json';
  if (builder !== 'buildah') return call('run', '--rm', '--entrypoint', 'cat', image, path);
  const container = call('from', '--pull-never', image).toString().trim();
  try {
    return call('run', container, '--', 'cat', path);
  } finally {
    call('rm', container);
  }
}
