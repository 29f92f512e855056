// The servers of the tests, for tests and benchmarks that start their own.
export { cached } from './cache.ts';
export { unpackDebian } from './debian.ts';
export { freePort } from './free-port.ts';
export { type Program, type ProgramOptions, startProgram } from './program.ts';
export { type TemporaryFolder, temporaryFolder } from './reaper.ts';
export { type RedisOptions, type RedisServer, startRedis } from './redis.ts';
export { runCommand } from './run-command.ts';
export { type S3Options, type S3Server, startS3, testCredentials, testRegion } from './s3.ts';
export { type FaultRule, type S3FaultProxy, startS3FaultProxy } from './s3-fault-proxy.ts';
export type { Services } from './services.ts';
export { type SqsOptions, type SqsServer, startSqs } from './sqs.ts';
export { startTcpProxy, type TcpProxy, type TcpRules } from './tcp-proxy.ts';
