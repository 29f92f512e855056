import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import process from 'node:process';
import { type Finding, missing, note, ok } from './check.ts';

/** Node, processor and memory. */
export const machineFindings = (): Finding[] => [
  nodeFinding(),
  coresFinding(),
  instructionsFinding(),
  memoryFinding(),
  gpuFinding(),
];

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.version} (${process.platform} ${process.arch})`;
  const supported = (major > 20 || (major === 20 && minor >= 19)) && major < 25;
  if (!supported) return missing('Node', found, 'install Node 20.19 to 24');
  return major < 22
    ? note('Node', found, 'Node 22 and later keep compiled code: commands start faster')
    : ok('Node', found);
}

function coresFinding(): Finding {
  const usable = os.availableParallelism();
  const model = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  return ok('Processor', `${usable} ${usable === 1 ? 'core' : 'cores'}, ${model}`);
}

/** What speeds up matrix products, best last. */
const interesting = [
  'sse4_2',
  'avx2',
  'fma',
  'f16c',
  'avx512f',
  'avx512_vnni',
  'avx_vnni',
  'amx_int8',
  'asimd',
  'asimddp',
  'i8mm',
  'sve',
];

function instructionsFinding(): Finding {
  const found = instructionSets();
  if (found === undefined) return ok('Instructions', 'not told by this system');
  const list = found.join(' ') || 'none of those that matter';
  const fastInt8 = found.some(
    (name) => name.includes('vnni') || name === 'amx_int8' || name === 'asimddp' || name === 'i8mm',
  );
  if (fastInt8) return ok('Instructions', `${list}: int8 models run faster than float32 ones`);
  return note('Instructions', list, 'without int8 dot products, int8 variants bring little here: prefer fp32');
}

function instructionSets(): string[] | undefined {
  try {
    const flags = new Set(
      /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '),
    );
    return interesting.filter((name) => flags.has(name));
  } catch {
    return undefined;
  }
}

/** Bytes below which a worker's model, decoders and batches get tight. */
const comfortable = 700e6;

function memoryFinding(): Finding {
  const limit = process.constrainedMemory();
  // 0, or more than there is, where nothing limits the process.
  const usable = limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
  const found = `${(usable / 1e9).toFixed(1)} GB${usable < os.totalmem() ? ' (limited by the container)' : ''}`;
  return usable < comfortable
    ? note('Memory', found, 'lower ROOKERY_MAX_PIXELS and ROOKERY_MEMORY_BUDGET')
    : ok('Memory', found);
}

function gpuFinding(): Finding {
  const devices = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^nvidia\d+$/.test(name)) : [];
  if (devices.length === 0) return ok('Devices', 'cpu');
  return ok('Devices', `cpu, ${devices.length} NVIDIA GPU: --device ${devices.map((name) => name.slice(6)).join(',')}`);
}
