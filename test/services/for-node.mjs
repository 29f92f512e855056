// The servers of the tests for programs that run without a transform, such as benchmarks: the same exports as index.ts.
import { bundled } from './bundled.mjs';

const services = await bundled('index.ts');
export const { freePort, startProgram, startRedis, startS3, startS3FaultProxy, startSqs, startTcpProxy } = services;
export const { cached, runCommand, temporaryFolder, unpackDebian, testCredentials, testRegion } = services;
