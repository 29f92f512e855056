import { now, type RunState } from './state.ts';

interface FileStreamBody {
  readonly files?: Readonly<Record<string, { readonly offset?: number; readonly content?: readonly string[] }>>;
  readonly complete?: boolean;
  readonly exitcode?: number;
}

/** Lines land at their offsets: a chunk that is sent again changes nothing. */
export function appendToStream(run: RunState, body: FileStreamBody): void {
  run.posts.push(body);
  run.heartbeatAt = now();
  for (const [name, { offset = 0, content = [] }] of Object.entries(body.files ?? {})) {
    const lines = run.streams.get(name) ?? [];
    run.streams.set(name, lines);
    content.forEach((line, index) => {
      lines[offset + index] = line;
    });
    const last = content.at(-1);
    // The summary is one line that is written again and again.
    if (name === 'wandb-summary.json' && last !== undefined) run.summary = last;
  }
  if (body.complete !== true) return;
  run.complete = true;
  run.exitCode = body.exitcode ?? 0;
  run.state = run.exitCode === 0 ? 'finished' : 'failed';
}
