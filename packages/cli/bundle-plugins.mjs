import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * sharp's and onnxruntime's JavaScript is bundled (read file by file it costs ten times the loading of the binaries); their binaries
 * stay where the packages are, found as the packages themselves find them.
 */
export const nativeModules = {
  name: 'native-modules',
  setup(build) {
    build.onLoad({ filter: /[\\/]sharp[\\/]dist[\\/]sharp\.mjs$/ }, ({ path }) => ({
      contents: replaceOnce(
        readFileSync(path, 'utf8').replaceAll(/\brequire\(/g, 'requireNative('),
        'const require = createRequire(import.meta.url)',
        "const requireNative = createRequire(createRequire(import.meta.url).resolve('sharp'))",
        path,
      ),
      loader: 'js',
    }));
    build.onLoad({ filter: /[\\/]onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => ({
      contents: replaceOnce(
        readFileSync(path, 'utf8'),
        'require(`../bin/',
        "require('node:module').createRequire(require.resolve('onnxruntime-node'))(`../bin/",
        path,
      ),
      loader: 'js',
    }));
  },
};

/**
 * A CommonJS package that is imported lazily has only a default export in a bundle; in Node it has its named ones too. They are found out
 * by loading it here.
 */
export const lazyPackages = {
  name: 'lazy-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      const ours = !importer.includes('node_modules') && !/^(node:|@rookery\/)/.test(path);
      if (kind !== 'dynamic-import' || pluginData === 'seen' || !ours) return undefined;
      const resolved = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'seen' });
      const isModule =
        resolved.path.endsWith('.mjs') || /^(?:import|export)\s/m.test(readFileSync(resolved.path, 'utf8'));
      return isModule ? undefined : { path: resolved.path, namespace: 'lazy-package' };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy-package' }, ({ path }) => {
      const names = Object.keys(createRequire(path)(path)).filter(
        (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default',
      );
      const file = JSON.stringify(path);
      return {
        contents: `import * as all from ${file};\nexport default all;\nexport const { ${names.join(', ')} } = all;\n`,
        resolveDir: dirname(path),
      };
    });
  },
};

/** Commander loads it for subcommands that are programs of their own, which ours are not: a tenth of what starting it takes. */
export const noSubprograms = {
  name: 'no-subprograms',
  setup(build) {
    build.onLoad({ filter: /[\\/]commander[\\/]lib[\\/]command\.js$/ }, ({ path }) => ({
      contents: replaceOnce(
        readFileSync(path, 'utf8'),
        "const childProcess = require('node:child_process');",
        'const childProcess = undefined;',
        path,
      ),
      loader: 'js',
    }));
  },
};

/** Modules of ours only declare: what a chunk does not use it does not load (zod, where only an error class is wanted). */
export const ownPackagesHaveNoSideEffects = {
  name: 'own-packages-have-no-side-effects',
  setup(build) {
    build.onResolve({ filter: /^(@rookery\/|\.)/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'seen' || importer.includes('node_modules') || kind === 'entry-point') return undefined;
      const resolved = await build.resolve(path, { importer, kind, resolveDir, pluginData: 'seen' });
      return resolved.errors.length > 0 ? resolved : { ...resolved, sideEffects: false };
    });
  },
};

/** Says so where a new version of a package no longer reads as this file expects. */
function replaceOnce(text, from, to, path) {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`${path} no longer holds ${JSON.stringify(from)} once: bundle.mjs must follow it`);
  return parts.join(to);
}

/**
 * `import { a } from '@rookery/x'` becomes an import from the file that defines `a`. A package's face leads to all of its files, and a
 * chunk with a face in it to all of the package: the first command would read CSV and JSON Schema to print its version.
 *
 * @param packages the folder of the packages
 */
export const directImports = (packages) => ({
  name: 'direct-imports',
  setup(build) {
    const faces = new Map();
    const faceOf = (name) => {
      if (!faces.has(name)) faces.set(name, definitions(join(packages, name, 'dist/index.js')));
      return faces.get(name);
    };
    build.onStart(() => faces.clear());
    build.onLoad({ filter: /[\\/]packages[\\/][a-z]+[\\/]dist[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /^import \{([^}]*)\} from '@rookery\/([a-z]+)';$/gm,
        (statement, names, name) =>
          names
            .split(',')
            .map((part) => part.trim())
            .filter(Boolean)
            .map((part) => {
              const file = faceOf(name).get(part.split(' ')[0]);
              return file
                ? `import { ${part} } from ${JSON.stringify(file)};`
                : `import { ${part} } from '@rookery/${name}';`;
            })
            .join(' ') || statement,
      ),
      loader: 'js',
    }));
  },
});

/** Which file defines what a module exports, as the compiler wrote it. What is exported under another name is left out. */
function definitions(path) {
  const found = new Map();
  if (!existsSync(path)) return found;
  const text = readFileSync(path, 'utf8');
  for (const [, name] of text.matchAll(/^export (?:async )?(?:const|let|class|function\*?) ([\w$]+)/gm))
    found.set(name, path);
  for (const [, names, from] of text.matchAll(/^export \{([^}]*)\}(?: from '(\.[^']*)')?;$/gm)) {
    for (const name of names.split(',').map((part) => part.trim())) {
      if (name && !name.includes(' ')) found.set(name, from ? join(dirname(path), from) : path);
    }
  }
  for (const [, from] of text.matchAll(/^export \* from '(\.[^']*)';$/gm)) {
    for (const [name, file] of definitions(join(dirname(path), from))) found.set(name, file);
  }
  return found;
}
