import { describe, expect, it } from 'vitest';
import { createClient } from '../src/index.ts';
import { answerProblem, aServer } from './a-server.ts';

const view = (done: number, state = 'running') => JSON.stringify({ id: 'j', state, pictures: { done, planned: 3 } });

describe('watching a job', () => {
  it('goes on where a broken stream was, and ends with the job', async () => {
    const asked: (string | undefined)[] = [];
    await using server = await aServer((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (asked.length === 1) {
        response.write(`retry: 10\nid: 7\nevent: progress\ndata: ${view(1)}\n\n`);
        setTimeout(() => response.destroy(), 50);
        return;
      }
      if (asked.length === 2) {
        response.end();
        return;
      }
      response.write(`id: 8\ndata: ${view(2)}\n\n: still here\n\nid: 9\ndata: ${view(3, 'complete')}\n\n`);
    });
    const { jobs } = createClient({ baseUrl: server.address });
    const seen: number[] = [];
    const connected: boolean[] = [];
    for await (const { pictures } of jobs.watch('j', { onConnection: (now) => connected.push(now) }))
      seen.push(pictures.done);
    expect(seen).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, '7', '7']);
    expect(connected).toEqual([true, false, true, false, true]);
  });

  it('opens a stream again that says nothing', async () => {
    let asked = 0;
    await using server = await aServer((_request, response) => {
      asked++;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(asked === 1 ? ': and then nothing\n\n' : `data: ${view(3, 'complete')}\n\n`);
    });
    const { jobs } = createClient({ baseUrl: server.address });
    const seen: string[] = [];
    for await (const { state } of jobs.watch('j', { silentMs: 100 })) seen.push(state);
    expect(seen).toEqual(['complete']);
    expect(asked).toBe(2);
  });

  it('ends at once where asking again is of no use, and where nobody wants to know any more', async () => {
    await using server = await aServer((request, response) => {
      if (request.url?.includes('/nowhere/')) return answerProblem(response, 'JOB_NOT_FOUND', 404);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${view(1)}\n\n`);
    });
    const { jobs } = createClient({ baseUrl: server.address });
    await expect(jobs.watch('nowhere').next()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND', status: 404 });
    const stop = new AbortController();
    const watched = jobs.watch('j', { signal: stop.signal });
    expect((await watched.next()).value).toMatchObject({ pictures: { done: 1 } });
    stop.abort();
    await expect(watched.next()).rejects.toThrow(/abort/i);
  });
});
