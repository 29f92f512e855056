import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environment, setVariable } from '../config/environment.ts';

/** The font that ships with the command, since a bare container has none. */
export function captionFont(): string {
  // Without any configuration fontconfig complains on stderr.
  if (!existsSync('/etc/fonts/fonts.conf') && !environment.FONTCONFIG_FILE) {
    setVariable('FONTCONFIG_FILE', asset('fonts/fonts.conf'));
  }
  return asset('fonts/DejaVuSans-Bold.ttf');
}

/** A file of dist/: from the bundle, which lies there, and from src/classify/. */
const asset = (path: string): string => {
  const beside = fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
};
