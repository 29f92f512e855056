/** What came of a stream of server-sent events, as a browser would read it. */
export interface ReadEvent {
  readonly event: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it, it says.
  readonly data: any;
}

/** Reads events until the stream ends, or `until` has seen enough. */
export async function readEvents(
  answer: Response,
  until: (events: readonly ReadEvent[]) => boolean = () => false,
): Promise<{ readonly events: ReadEvent[]; readonly comments: number; readonly ended: boolean }> {
  const events: ReadEvent[] = [];
  let comments = 0;
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error('no body');
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { events, comments, ended: true };
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments++;
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      const data = fields.get('data');
      if (data !== undefined)
        events.push({ event: fields.get('event') ?? '', id: fields.get('id') ?? '', data: JSON.parse(data) });
    }
    if (until(events)) {
      await reader.cancel();
      return { events, comments, ended: false };
    }
  }
}
