import { expect, it } from 'vitest';
import { findWandbClient } from '../peers/wandb-client.ts';
import { orSkip } from '../services/or-skip.ts';

it("artifacts: Weights & Biases' own client reads what ours wrote, and ours what it wrote", async ({ skip }) => {
  const client = await orSkip(findWandbClient, skip);
  expect(await client.artifacts()).toBe('each side reads what the other wrote\n');
}, 300_000);
