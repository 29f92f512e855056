import { pause } from '@rookery/contracts';
import wandb from '@wandb/sdk';
import type { TrackedRow, TrackedValue } from './tracking/tracker.ts';
import { flushSpools } from './tracking/wandb/flush-spools.ts';
import { Forwarder } from './tracking/wandb/forwarder.ts';
import type { FromChild, ToChild, WandbRunStart } from './tracking/wandb/messages.ts';
import { startProxy, type WandbProxy } from './tracking/wandb/proxy.ts';
import { Spool } from './tracking/wandb/spool.ts';
import { makeSpoolFolder, removeSpool } from './tracking/wandb/spool-folders.ts';
import { type SpooledTable, tablePath, tableReference } from './tracking/wandb/spooled-table.ts';

/** How long the last rows may take to arrive; what is left then is sent by the next run, or by `rookery tracker flush`. */
const lastFlushMs = 5_000;
/** How often to look for what other runs left, and how long the server may take for one of them. */
const lookForLeftMs = 5_000;
const leftPatienceMs = 60_000;

/**
 * The entry of the process that Weights & Biases' own client runs in: whatever that client does to a process, it does it here. It talks to a
 * proxy in this process, which keeps its requests on disk; they are sent from there.
 */
class Child {
  readonly #ended = new AbortController();
  #spool: Spool | undefined;
  #proxy: WandbProxy | undefined;
  #run: Awaited<ReturnType<typeof wandb.init>> | undefined;
  #forwarder: Forwarder | undefined;
  #sending: Promise<unknown> = Promise.resolve();
  #told = '';
  /** Those that belong to the next row, as it names them. */
  #tables: Record<string, unknown> = {};
  #work: Promise<void> = Promise.resolve();
  #finishing: Promise<void> | undefined;

  accept(message: ToChild): void {
    if (message.kind === 'finish') this.end(message.summary, message.exitCode);
    else
      this.#work = this.#work.then(async () => {
        if (message.kind === 'start') await this.#start(message.run);
        else if (message.kind === 'table') this.#table(message.table);
        else this.#log(message.row);
      });
  }

  /** Once, whoever asks for it. */
  end(summary: TrackedRow, exitCode: number): void {
    this.#finishing ??= this.#work.then(() => this.#finish(summary, exitCode));
    this.#finishing.catch(fail);
  }

  async #start(run: WandbRunStart): Promise<void> {
    const { options, id, name } = run;
    const { baseUrl, entity, project } = options;
    const createdAt = new Date().toISOString();
    const folder = await makeSpoolFolder(options.spoolFolder, { v: 1, id, name, baseUrl, entity, project, createdAt });
    this.#spool = new Spool(folder, options.maxSpoolBytes ?? 64 << 20);
    this.#proxy = await startProxy(this.#spool, run, () => {
      this.#forwarder?.wake();
      this.#tell();
    });
    if (!options.offline) {
      this.#forwarder = new Forwarder(this.#spool, { ...options, onState: () => this.#tell() });
      this.#sending = Promise.all([this.#send(this.#forwarder), this.#sendLeft(options)]);
    }
    const config = Object.fromEntries(Object.entries(run.config).map(([key, value]) => [key, { desc: null, value }]));
    this.#run = await wandb.init({
      project,
      id,
      name,
      config,
      settings: { baseUrl: this.#proxy.url, apiKey: 'of-the-proxy', silent: true } as never,
    });
    // Its own ways to end this process are not wanted: the tracked process says when.
    for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal).on(signal, () => {});
  }

  #log(row: TrackedRow): void {
    this.#run?.log({ ...wandbRow(row), ...this.#tables });
    this.#tables = {};
  }

  /** The official client for Node knows no tables: they go beside it, before the row that names them. */
  #table(table: SpooledTable): void {
    if (this.#spool?.add({ path: tablePath, body: JSON.stringify(table) }, 1))
      this.#tables[table.name] = tableReference(table);
    this.#forwarder?.wake();
    this.#tell();
  }

  async #send(forwarder: Forwarder): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await forwarder.flush(this.#ended.signal);
      this.#tell();
      await pause(1_000, this.#ended.signal);
    }
  }

  /** Again and again: the client of a run that is over works on its spool for a while yet, and others end while this one goes on. */
  async #sendLeft(options: WandbRunStart['options']): Promise<void> {
    // Where they go is theirs to say.
    const theirs = { ...options, entity: undefined, patienceMs: leftPatienceMs };
    while (!this.#ended.signal.aborted) {
      await flushSpools(options.spoolFolder, theirs, this.#ended.signal);
      await pause(lookForLeftMs, this.#ended.signal);
    }
  }

  async #finish(summary: TrackedRow, exitCode: number): Promise<void> {
    if (Object.keys(summary).length > 0) this.#log(summary);
    await this.#run?.finish(exitCode);
    this.#forwarder?.hurry();
    const deadline = performance.now() + lastFlushMs;
    while (this.#forwarder && (this.#spool?.waitingBytes ?? 0) > 0 && performance.now() < deadline) await pause(50);
    this.#ended.abort();
    await this.#sending;
    await this.#proxy?.[Symbol.asyncDispose]();
    const waitingBytes = this.#spool?.waitingBytes ?? 0;
    this.#tell();
    this.#spool?.close();
    if (this.#spool && waitingBytes === 0) removeSpool(this.#spool.folder);
    say({ kind: 'ended', waitingBytes });
    process.disconnect?.();
    process.exit(0);
  }

  #tell(): void {
    if (!this.#spool) return;
    const { droppedLines: dropped, dropReason, trouble } = this.#spool.state;
    const reason = trouble ?? dropReason;
    const told = `${dropped} ${reason}`;
    if (told !== this.#told) say({ kind: 'loss', loss: { dropped, reason } });
    this.#told = told;
  }
}

/** The names and values of a row as W&B shows them: histograms are drawn. */
function wandbRow(row: TrackedRow): Record<string, unknown> {
  const shown = (value: TrackedValue): unknown =>
    typeof value === 'object' ? { _type: 'histogram', bins: value.edges, values: value.counts } : value;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(value)]));
}

function say(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  say({ kind: 'loss', loss: { dropped: 0, reason: error instanceof Error ? error.message : String(error) } });
  process.exit(1);
}

const child = new Child();
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.on('message', (message: ToChild) => child.accept(message));
// The tracked process is gone without a word: its run has crashed, and what it told is sent or kept.
process.on('disconnect', () => child.end({}, 1));
