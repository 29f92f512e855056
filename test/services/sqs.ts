import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { freePort } from './free-port.ts';
import { startProgram } from './program.ts';
import { temporaryFolder } from './reaper.ts';
import { onPath, runCommand } from './run-command.ts';

export interface SqsOptions {
  /** A free one by default. */
  port?: number | undefined;
  /** The first of these that can be had here. */
  kinds?: readonly SqsKind[] | undefined;
}

export type SqsKind = 'elasticmq' | 'fauxqs';

export interface SqsServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  readonly kind: SqsKind;
  readonly from: 'path' | 'cache';
  /** SIGKILL where it is a process; its queues are gone, as after a loss. */
  kill(): Promise<void>;
}

const elasticmqVersion = '1.6.14';

const project = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>rookery</groupId><artifactId>elasticmq</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>${elasticmqVersion}</version>
  </dependency></dependencies>
</project>`;

async function fetchElasticmq(folder: string): Promise<void> {
  await writeFile(join(folder, 'pom.xml'), project);
  await runCommand(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'lib')}`],
    { cwd: folder, timeoutMs: 240_000 },
  );
}

const elasticmqConfig = (port: number): string => `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-hostname = "127.0.0.1", bind-port = ${port}, sqs-limits = strict }
rest-stats { enabled = false }
`;

async function startElasticmq(port: number): Promise<SqsServer> {
  const server = onPath('elasticmq-server');
  if (!server && (!onPath('java') || !onPath('mvn'))) throw new Error('no java and mvn');
  const jars = server ? undefined : await cached(`elasticmq-${elasticmqVersion}`, fetchElasticmq);
  const folder = temporaryFolder('sqs');
  const config = join(folder.path, 'elasticmq.conf');
  await writeFile(config, elasticmqConfig(port));
  // A short-lived process: the first compiler only, the simplest collector.
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'];
  const program = await startProgram({
    command: server ?? 'java',
    args: server
      ? [`-Dconfig.file=${config}`]
      : [...java, `-Dconfig.file=${config}`, '-cp', `${jars}/lib/*`, 'org.elasticmq.server.Main'],
    port,
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    kind: 'elasticmq',
    from: server ? 'path' : 'cache',
    kill: () => program.kill(),
    async [Symbol.asyncDispose]() {
      await program.stop();
      folder[Symbol.dispose]();
    },
  };
}

/** From npm, in this process: needs nothing but Node. Also an S3. */
async function startFauxqs(port: number): Promise<SqsServer> {
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false, host: '127.0.0.1' });
  await app.listen({ host: '127.0.0.1', port });
  const stop = () => app.close();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    kind: 'fauxqs',
    from: 'cache',
    kill: stop,
    [Symbol.asyncDispose]: stop,
  };
}

const starters: Record<SqsKind, (port: number) => Promise<SqsServer>> = {
  elasticmq: startElasticmq,
  fauxqs: startFauxqs,
};

/** An SQS server of the caller's own, on the loopback interface. Rejects with why none of the kinds can be had. */
export async function startSqs(options: SqsOptions = {}): Promise<SqsServer> {
  const reasons: string[] = [];
  for (const kind of options.kinds ?? (['elasticmq', 'fauxqs'] as const)) {
    try {
      return await starters[kind](options.port ?? (await freePort()));
    } catch (error) {
      reasons.push(`${kind}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(reasons.join('; '));
}
