// Ends what a killed test run leaves behind. It reads lines from its parent: `+PID` and `-PID` (process groups), `+/folder` and
// `-/folder` (temporary). When the pipe closes, because the parent stopped or died, it kills and removes what is still listed.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const listed = new Set();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line.startsWith('+')) listed.add(line.slice(1));
  else listed.delete(line.slice(1));
});
lines.on('close', () => {
  for (const entry of listed) {
    if (entry.startsWith('/')) continue;
    try {
      process.kill(-Number(entry), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  setTimeout(() => {
    for (const entry of listed)
      if (entry.startsWith('/')) rmSync(entry, { recursive: true, force: true, maxRetries: 3 });
    process.exit(0);
  }, 50);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
