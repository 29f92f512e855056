import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The files of BullMQ's dashboard beside the bundle; `undefined` where there is no bundle, since its package has them too. */
export function dashboardFolder(): string | undefined {
  // From the bundle, which lies in dist/ itself, and from src/fleet/.
  const places = ['../dist/bull-board', '../../dist/bull-board'];
  return places.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((place) => existsSync(place));
}
