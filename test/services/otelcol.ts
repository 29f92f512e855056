import { freePort } from './free-port.ts';
import { goProgram } from './go-program.ts';
import { type Program, startProgram } from './program.ts';

/** OpenTelemetry's collector with an OTLP receiver, which tells all that it gets on its standard error. */
export interface Collector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly program: Program;
}

/** The program, 55 s of one core the first time. Rejects where it cannot be had. */
export const findCollector = (): Promise<string> => goProgram('otelcol', 'v0.165.0');

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
