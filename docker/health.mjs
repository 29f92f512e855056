// What an image's HEALTHCHECK runs: exits 0 where the address answers with 2xx.
import process from 'node:process';

const answer = await fetch(process.argv[2], { signal: AbortSignal.timeout(2_500) }).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
