import { goProgram } from './go-program.ts';

/** Reads a dashboard strictly, 45 s of one core the first time. Rejects where it cannot be had. */
export const findGrafanaModel = (): Promise<string> => goProgram('grafana-model', 'v0.0.22');
