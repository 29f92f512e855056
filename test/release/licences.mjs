// `pnpm check:licences`: every dependency may be used and passed on as Rookery does it. What is only used while developing may be more.
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const permissive = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];
/** Names and what makes them fit. */
const exceptions = [
  // A shared library that anyone can replace, whose sources its package names.
  { name: /^@img\/sharp-libvips-/, licence: 'LGPL-3.0-or-later' },
  // Its licence is a file: NIST's statement and HDF5's BSD-3-Clause, which NOTICE repeats.
  { name: /^h5wasm$/, licence: 'Unknown' },
];
const whileDeveloping = ['Apache-2.0 AND MIT', 'MIT AND Zlib', 'MPL-2.0', 'Python-2.0', 'Unlicense'];
const exceptionsWhileDeveloping = [
  // Its licence is a file: Bitstream Vera's and Arev's, which NOTICE repeats. The font is passed on.
  { name: /^dejavu-fonts-ttf$/, licence: 'Unknown' },
];

/** Of `A OR B` one will do. */
const fits = (licence, allowed) =>
  [licence, ...licence.replaceAll(/[()]/g, '').split(' OR '), licence.replaceAll(/[()]/g, '')].some((each) =>
    allowed.includes(each),
  );

function check(flags, allowed, except) {
  const pnpm = process.env.npm_execpath;
  const [program, ...first] = pnpm && /\.[cm]?js$/.test(pnpm) ? [process.execPath, pnpm] : [pnpm ?? 'pnpm'];
  const printed = execFileSync(program, [...first, 'licenses', 'list', '--json', ...flags], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const bad = Object.entries(JSON.parse(printed)).flatMap(([licence, packages]) =>
    packages
      .filter(
        ({ name }) =>
          !fits(licence, allowed) && !except.some((each) => each.licence === licence && each.name.test(name)),
      )
      .map(({ name, versions }) => `${name}@${versions.join(', ')}: ${licence}`),
  );
  for (const line of bad) console.error(`not allowed: ${line}`);
  return bad.length === 0;
}

const installed = check(['--prod'], permissive, exceptions);
const all = check([], [...permissive, ...whileDeveloping], [...exceptions, ...exceptionsWhileDeveloping]);
process.exitCode = installed && all ? 0 : 1;
