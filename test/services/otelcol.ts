import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { freePort } from './free-port.ts';
import { type Program, startProgram } from './program.ts';
import { onPath, runCommand } from './run-command.ts';

/** OpenTelemetry's collector with an OTLP receiver, which tells all that it gets on its standard error. */
export interface Collector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly program: Program;
}

const sources = fileURLToPath(new URL('otelcol', import.meta.url));
const version = 'v0.165.0';

/** Compiled from the modules of Go's proxy: 55 s of one core the first time. */
async function build(folder: string): Promise<void> {
  for (const name of ['main.go', 'go.mod', 'go.sum']) await copyFile(join(sources, name), join(folder, name));
  await runCommand('go', ['build', '-trimpath', '-gcflags=all=-l', '-ldflags=-s -w', '-o', 'otelcol', '.'], {
    cwd: folder,
    timeoutMs: 400_000,
  });
}

/** The program, `undefined` where there is no Go to compile it with. */
export async function findCollector(): Promise<string | undefined> {
  if (!onPath('go')) return undefined;
  return join(await cached(`otelcol-${version}`, build), 'otelcol');
}

export async function startCollector(command: string): Promise<Collector> {
  const port = await freePort();
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { debug: { verbosity: 'detailed' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        traces: { receivers: ['otlp'], exporters: ['debug'] },
        logs: { receivers: ['otlp'], exporters: ['debug'] },
      },
    },
  };
  const program = await startProgram({ command, args: ['--config', `yaml:${JSON.stringify(config)}`], port });
  return { url: `http://127.0.0.1:${port}`, program, [Symbol.asyncDispose]: () => program.stop() };
}
