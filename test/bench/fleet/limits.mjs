import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { openRegistry } from '../../../packages/models/dist/index.js';
import { measureLimit } from '../classify/limit.mjs';

/** The classifier that the fleet is held against, held against the bare limit itself, for each size of pictures. */
export async function measureLimits(sizes, say) {
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    const model = await openRegistry({ folder }).load('content');
    const limits = [];
    for (const { name, pictures, count } of sizes) {
      const { picturesPerSecond, limit, ratio } = await measureLimit(pictures, model, count);
      say(`${name}: classifier ${picturesPerSecond}/s, bare limit ${limit}/s`);
      limits.push({ pictures: name, count, picturesPerSecond, limit, ratio });
    }
    return limits;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
