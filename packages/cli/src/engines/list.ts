import { type EngineFound, engineInfo, findInstalled } from '@rookery/inference';
import type { CommandContext } from '../context.ts';

interface EngineLine {
  readonly engine: string;
  readonly there: boolean;
  readonly found: string;
  readonly runs: string;
  readonly todo?: string;
}

/** `rookery engines list`. */
export async function listEngines(json: boolean, context: CommandContext): Promise<void> {
  const { models } = await context.config();
  const lines = await engineLines(models.engines);
  if (json)
    return void (await context.stdout.write(
      `${JSON.stringify({ folder: models.engines, engines: lines }, null, 2)}\n`,
    ));
  const rows = lines.flatMap(({ engine, there, found, runs, todo }) => [
    `${there ? 'there  ' : 'missing'}  ${engine.padEnd(10)}  ${found}; runs ${runs}`,
    ...(todo ? [`${' '.repeat(21)}-> ${todo}`] : []),
  ]);
  await context.stdout.write(`${rows.join('\n')}\n`);
}

async function engineLines(folder: string): Promise<EngineLine[]> {
  const { providers, engine } = await engineInfo();
  const has = (name: string): boolean => providers.some((provider) => provider.name === name);
  const [tensorflow, openvino] = [findInstalled('tensorflow', folder), findInstalled('openvino', folder)];
  const named = (found: readonly EngineFound[]): string =>
    found.length > 0 ? found.map(({ name, version }) => `${name} ${version}`).join(', ') : 'not installed';
  const native = tensorflow.some(({ name }) => name === 'tensorflow');
  return [
    { engine: 'onnx', there: true, found: `${engine} (${providers.map(({ name }) => name).join(', ')})`, runs: 'ONNX' },
    {
      engine: 'tensorrt',
      there: has('tensorrt'),
      found: has('tensorrt')
        ? 'the provider can be loaded; TensorRT itself is looked for with --device'
        : 'not in this build',
      runs: 'ONNX on --device N',
      ...(!has('tensorrt') && { todo: 'ONNX Runtime has it for Linux on x64 only' }),
    },
    {
      engine: 'tensorflow',
      there: tensorflow.length > 0,
      found: named(tensorflow),
      runs: native || tensorflow.length === 0 ? 'SavedModel, TensorFlow.js models' : 'TensorFlow.js models',
      ...(!native && { todo: 'rookery engines install tensorflow' }),
    },
    {
      engine: 'openvino',
      there: openvino.length > 0,
      found: named(openvino),
      runs: 'ONNX',
      ...(openvino.length === 0 && { todo: 'rookery engines install openvino' }),
    },
  ];
}
