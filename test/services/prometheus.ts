import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { unpackDebian } from './debian.ts';
import { onPath } from './run-command.ts';

export interface PrometheusPrograms {
  readonly promtool: string;
  readonly prometheus: string;
  readonly from: 'path' | 'cache';
}

/** Prometheus and its tool: from the PATH, else those of Debian, 20 MB. Rejects where they cannot be had. */
export async function findPrometheus(): Promise<PrometheusPrograms> {
  const [promtool, prometheus] = [onPath('promtool'), onPath('prometheus')];
  if (promtool && prometheus) return { promtool, prometheus, from: 'path' };
  const folder = await cached('prometheus', async (place) => {
    await unpackDebian(place, ['prometheus']);
    await rm(join(place, 'usr', 'share'), { recursive: true, force: true });
  });
  const bin = join(folder, 'usr', 'bin');
  return { promtool: join(bin, 'promtool'), prometheus: join(bin, 'prometheus'), from: 'cache' };
}
