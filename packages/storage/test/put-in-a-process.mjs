// Run as a process by fs-store-specials.test.ts: what is killed, races or runs out of file handles must be one.
import { closeSync, linkSync, openSync, writeFileSync } from 'node:fs';
import { FsStore } from '../dist/index.js';

const [what, folder] = process.argv.slice(2);
const store = new FsStore(folder);

if (what === 'endless') {
  // Each object of one byte, repeated, so that a torn one would show.
  for (let i = 0; ; i++) {
    await Promise.all([0, 1].map((n) => store.put(`object-${n}`, Buffer.alloc(1_000_000, i))));
    if (i === 1) process.send('writing');
  }
}
if (what === 'race') {
  process.on('message', async (key) => process.send(await store.put(key, String(process.pid), { ifAbsent: true })));
  process.send('ready');
}
if (what === 'many') {
  // All but twenty of the file handles are taken.
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch {
    for (const file of taken.splice(-20)) closeSync(file);
  }
  const keys = Array.from({ length: 1_000 }, (_, i) => `many/${i}`);
  await Promise.all(keys.map((key) => store.put(key, key)));
  const found = await Promise.all(keys.map((key) => store.get(key)));
  process.send(found.filter(({ body }, i) => Buffer.from(body).toString() === keys[i]).length);
}
if (what === 'links') {
  // Links cost a tenth of files; a file may have 65,000.
  for (let i = 0; i < 100_000; i++) {
    const name = `${folder}/${String((i * 7919) % 100_000).padStart(6, '0')}.jpg`;
    if (i < 4) writeFileSync(name, 'x');
    else linkSync(`${folder}/${String(((i % 4) * 7919) % 100_000).padStart(6, '0')}.jpg`, name);
  }
}
if (what === 'denied') {
  // Nobody refuses root anything.
  if (process.getuid?.() === 0) process.setuid(65_534);
  const attempts = [() => store.get('closed/a'), () => store.put('closed/b', 'x'), () => store.delete(['closed/a'])];
  process.send(
    await Promise.all(
      attempts.map((attempt) =>
        attempt().then(
          () => 'done',
          (error) => error.code,
        ),
      ),
    ),
  );
}
if (what === 'full') {
  const outcomes = [];
  for (const bytes of [1_000, 3_000_000]) {
    outcomes.push(await store.put(`object-${bytes}`, Buffer.alloc(bytes)).catch((error) => error.code));
  }
  process.send(outcomes);
}
