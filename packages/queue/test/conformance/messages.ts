import { encodeTask, RookeryError } from '@rookery/contracts';
import { expect } from 'vitest';
import { aTask } from '../a-task.ts';
import { type ConformanceTest, receiveOne } from './test-queue.ts';

export function readsMessages(it: ConformanceTest): void {
  it.concurrent.for<[what: string, message: string]>([
    ['is not JSON', 'label my pictures'],
    ['is cut off', encodeTask(aTask('a')).slice(0, -5)],
    ['is no object', '42'],
    ['is null', 'null'],
    ['lacks a pin', '{"v":1,"bucket":"photos","items":[{"key":"a"}],"top":3}'],
    ['has a job id that climbs out', JSON.stringify({ ...aTask('a'), job: '../../etc', seq: 0 })],
    ['has fields of its own', JSON.stringify({ ...aTask('a'), command: 'rm' })],
  ])(
    'delivers a message that %s as an error, neither losing nor dropping it',
    async ([, message], { opened: { queue, sendRaw } }) => {
      await sendRaw(message);
      const delivery = await receiveOne(queue);
      expect(delivery.task).toBeInstanceOf(RookeryError);
      expect(delivery.task).toMatchObject({ code: 'TASK_MALFORMED' });
      await delivery.bury(delivery.task as RookeryError);
      expect(await queue.dead.list(10)).toMatchObject([{ message, reason: { code: 'TASK_MALFORMED' } }]);
    },
  );

  it.concurrent('delivers a task of a version to come as such, so that it can wait for a newer worker', async ({
    opened: { queue, sendRaw },
  }) => {
    const message = JSON.stringify({ v: 99, somethingNew: true });
    await sendRaw(message);
    const delivery = await receiveOne(queue);
    expect(delivery.task).toMatchObject({ code: 'TASK_VERSION_UNKNOWN' });
    await delivery.retry(0);
    const again = await receiveOne(queue);
    expect(again.task).toMatchObject({ code: 'TASK_VERSION_UNKNOWN' });
    expect(again.attempt).toBe(2);
  });

  it.concurrent('delivers tasks beside messages that are none', async ({ opened: { queue, sendRaw } }) => {
    await sendRaw('not a task');
    await queue.send([aTask('a')]);
    await sendRaw('{}');
    const seen: string[] = [];
    while (seen.length < 3) {
      for (const { task } of await queue.receive(3, { waitMs: 5_000 })) {
        seen.push(task instanceof RookeryError ? task.code : (task.items?.[0]?.key ?? ''));
      }
    }
    expect(seen.sort()).toEqual(['TASK_MALFORMED', 'TASK_MALFORMED', 'a']);
  });
}
