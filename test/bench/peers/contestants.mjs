import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../services/for-node.mjs';
import { form, startHttpPeer } from './http-peer.mjs';
import { startLinesPeer } from './lines-peer.mjs';
import { scriptOf } from './python.mjs';

const rookeryFile = fileURLToPath(new URL('../../../packages/cli/dist/rookery.js', import.meta.url));
const child = fileURLToPath(new URL('./rookery-child.mjs', import.meta.url));

export const ours = { files: 'rookery', http: 'rookery serve' };

/**
 * Who takes part. `kind` files: reads the files in its own process; http: a server with so many callers. Each `start` resolves to something with
 * `label(paths)`, `pid`, `versions` and `stop`.
 */
export function contestants({ python, env, folder, registry, labels, threads, callers }) {
  const lines = (name, more = {}) =>
    startLinesPeer(`${python.bin}python`, [scriptOf(name)], { env: { ...env, ...more }, cwd: folder });
  const rookery = (reference, variant) =>
    startLinesPeer(process.execPath, [child, registry, reference, variant, String(threads)], { cwd: folder });
  const http = async (program, args, field, read) => {
    const port = await freePort();
    return startHttpPeer({
      program: `${python.bin}${program}`,
      args: args(port),
      options: { env, cwd: python.scripts },
      port,
      callers,
      versions: { [read.package]: python.pins[read.package] },
      request: (bytes, path) => ({ path: read.path, ...form(field, bytes, path) }),
      best: read.best,
    });
  };
  const indexOf = new Map(labels.map((label, index) => [label, index]));
  let serving;
  const serve = async () => {
    const args = ['serve', '--port', '0', '--grpc-port', '0', '--no-auth', '--models', registry, '--model', 'birds'];
    const rest = ['--threads', String(threads), '--rate-limit', '100000000', '--max-wait', '60s', '--top', '1'];
    serving = await startHttpPeer({
      program: process.execPath,
      args: [rookeryFile, ...args, ...rest],
      options: { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } },
      callers,
      versions: {},
      ready(printed) {
        const port = /answers at http:\/\/[^:]+:(\d+)/.exec(printed)?.[1];
        const grpc = /gRPC +(\S+):/.exec(printed)?.[1];
        return port && grpc ? { port: Number(port), grpc } : undefined;
      },
      request: (body, path) => ({
        path: '/v1/classify',
        headers: { 'content-type': path.endsWith('.png') ? 'image/png' : 'image/jpeg' },
        body,
      }),
      best: ({ images: [{ predictions }] }) => [indexOf.get(predictions[0].label), predictions[0].score],
    });
    return serving;
  };
  const triton = async (transport) => {
    const address = transport === 'grpc' ? serving.grpc : `127.0.0.1:${serving.port}`;
    const peer = await lines('with_tritonclient', { PEER_TRITON: `${transport} ${address} birds ${callers}` });
    // What it costs is the client and the server.
    return { ...peer, alsoPid: serving.pid };
  };
  const list = {
    [ours.files]: { kind: 'files', what: 'classifier, float32', start: () => rookery('birds', 'fp32') },
    'rookery int8': {
      kind: 'files',
      what: 'classifier, the quantised file imported, int8',
      start: () => rookery('birds-quantised', 'int8'),
    },
    'ONNX Runtime + OpenCV': {
      kind: 'files',
      what: 'Python, two threads that decode and infer',
      start: () => lines('with_onnxruntime'),
    },
    OpenVINO: { kind: 'files', what: 'Python, asynchronous requests, OpenCV', start: () => lines('with_openvino') },
    'TensorFlow Lite': {
      kind: 'files',
      what: 'LiteRT, XNNPACK, the quantised file, OpenCV',
      start: () => lines('with_tflite'),
    },
    'Ray Data': {
      kind: 'files',
      what: 'two actors with ONNX Runtime and OpenCV',
      // Each execution starts its actors: what two pictures take is told apart.
      alone: true,
      start: () => lines('with_ray'),
    },
    [ours.http]: { kind: 'http', what: 'HTTP', start: serve },
    LitServe: {
      kind: 'http',
      what: 'HTTP, two workers with ONNX Runtime and OpenCV',
      start: () => {
        const args = (port) => [scriptOf('with_litserve'), String(port)];
        return http('python', args, 'picture', { package: 'litserve', path: '/predict', best: ({ best }) => best });
      },
    },
    BentoML: {
      kind: 'http',
      what: 'HTTP, two workers with ONNX Runtime and OpenCV',
      start: () => {
        const args = (port) => ['serve', 'with_bentoml:Labels', '--host', '127.0.0.1', '--port', String(port)];
        return http('bentoml', args, 'pictures', { package: 'bentoml', path: '/classify', best: ([best]) => best });
      },
    },
    "Triton's client, HTTP": { kind: 'http', what: 'to rookery serve', start: () => triton('http') },
    "Triton's client, gRPC": { kind: 'http', what: 'to rookery serve', start: () => triton('grpc') },
  };
  return Object.entries(list).map(([name, each]) => ({ name, ...each }));
}
