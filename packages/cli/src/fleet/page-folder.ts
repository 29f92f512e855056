import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the files of the page are, beside the bundle; `undefined` where the page was not built. */
export function pageFolder(): string | undefined {
  // From the bundle, which lies in dist/ itself, and from src/fleet/.
  const places = ['../dist/page', '../../dist/page'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return places.find((place) => existsSync(place));
}
