import { describe, expect, it } from 'vitest';
import { Budget } from '../src/budget.ts';

const never = new AbortController().signal;

describe('a budget', () => {
  it('hands out no more than there is, in the order of asking', async () => {
    const budget = new Budget(10);
    const first = await budget.acquire(6, never);
    const order: string[] = [];
    const ask = async (name: string, amount: number) => {
      const held = await budget.acquire(amount, never);
      order.push(name);
      return held;
    };
    const large = ask('large', 8);
    const small = ask('small', 1);
    await Promise.resolve();
    // The small one would fit, but the large one would then wait for ever behind small ones.
    expect(order).toEqual([]);
    first.release();
    const held = await large;
    await small;
    expect(order).toEqual(['large', 'small']);
    expect(budget.held).toBe(9);
    held.release();
    expect(budget.held).toBe(1);
  });

  it('lets what is larger than all of it through alone', async () => {
    const budget = new Budget(10);
    const whole = await budget.acquire(1_000, never);
    expect(budget.held).toBe(10);
    const next = budget.acquire(1, never);
    whole.release();
    (await next).release();
    expect(budget.held).toBe(0);
  });

  it('gives back what turned out not to be needed, once', async () => {
    const budget = new Budget(10);
    const held = await budget.acquire(8, never);
    held.shrink(3);
    held.shrink(5);
    expect(budget.held).toBe(3);
    held.release();
    held.release();
    expect(budget.held).toBe(0);
  });

  it('forgets whoever gave up waiting, and serves those behind', async () => {
    const budget = new Budget(4);
    const held = await budget.acquire(2, never);
    const impatient = new AbortController();
    const large = budget.acquire(4, impatient.signal);
    const small = budget.acquire(2, never);
    impatient.abort();
    await expect(large).rejects.toMatchObject({ code: 'ABORTED' });
    (await small).release();
    held.release();
    expect(budget.held).toBe(0);
  });
});
