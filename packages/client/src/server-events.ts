/** One event of a stream of server-sent events. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** The last id that the stream has named, where it has. */
  readonly id: string | undefined;
  /** How long to wait before connecting again, where the stream has said so. */
  readonly retryMs: number | undefined;
}

/**
 * Reads a stream of server-sent events (WHATWG HTML, section 9.2): UTF-8, lines that end in LF, CR or both, an event at each empty line.
 * An event that the end cuts off is dropped. `onBytes` is told of anything that comes, comments too.
 */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  let event = '';
  let data: string[] = [];
  let id: string | undefined;
  let retryMs: number | undefined;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      rest += value;
      // A CR at the very end may be half of a CR LF.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id, retryMs };
          event = '';
          data = [];
          continue;
        }
        const [, name = line, content = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (name === 'event') event = content;
        else if (name === 'data') data.push(content);
        else if (name === 'id' && !content.includes('\0')) id = content;
        else if (name === 'retry' && /^\d+$/.test(content)) retryMs = Number(content);
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
