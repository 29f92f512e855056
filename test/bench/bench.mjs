// `pnpm bench NAME [--json] [...]`: classify, decode, fleet, producer, queue, api, monitor, telemetry, peers. Each file beside this one is a benchmark.
const [name = 'classify', ...args] = process.argv.slice(2);
if (!/^[a-z]+$/.test(name)) throw new Error(`no benchmark ${name}`);
const { run } = await import(`./${name}.mjs`);
await run?.(args);
