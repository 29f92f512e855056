import { availableParallelism } from 'node:os';
import { noTelemetry } from './no-telemetry.ts';
import { decoderVersion, engineVersion } from './versions.ts';

/** What this machine can run, for people: what works is told by running it. */
export interface EngineInfo {
  readonly cores: number;
  /** `bundled`: in the package; others load libraries of the system. */
  readonly providers: readonly { readonly name: string; readonly bundled: boolean }[];
  readonly engine: string;
  readonly decoder: string;
  /** What pictures may be encoded as. */
  readonly formats: readonly string[];
}

/** Loads ONNX Runtime into the caller's thread. */
export async function engineInfo(): Promise<EngineInfo> {
  noTelemetry();
  const { listSupportedBackends } = await import('onnxruntime-node');
  return {
    cores: availableParallelism(),
    providers: listSupportedBackends(),
    engine: `onnxruntime ${engineVersion()}`,
    decoder: decoderVersion(),
    formats: ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'BMP'],
  };
}
