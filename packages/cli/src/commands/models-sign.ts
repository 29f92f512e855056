import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { signManifest } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { type ModelsOptions, openNamed, printJson } from './models-registry.ts';

export interface SignOptions extends ModelsOptions {
  readonly key: string;
}

/** `rookery models sign`: what is signed is the manifest, and so the digest of every file. */
export async function signModel(text: string, options: SignOptions, context: CommandContext): Promise<void> {
  const file = resolve(context.cwd, options.key);
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RookeryError('CONFIG_INVALID', { detail: `--key: ${file} cannot be read`, cause });
  });
  await using named = await openNamed(text, options, context);
  const { registry, reference } = named;
  const { manifest } = await registry.resolve(reference);
  const signature = signManifest(manifest, pem);
  await registry.addSignature({ kind: 'registry', name: manifest.name, version: manifest.version }, signature);
  const { name, version } = manifest;
  if (options.json) return printJson({ name, version, key: signature.key }, context);
  if (!context.quiet) await context.stdout.write(`${name}@${version} is signed with key ${signature.key}\n`);
}

/** `rookery models keygen` */
export async function makeKeys(file: string, context: CommandContext): Promise<void> {
  const path = resolve(context.cwd, file);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const write = async (to: string, text: string | Buffer, mode: number) => {
    await writeFile(to, text, { flag: 'wx', mode }).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EEXIST' ? 'is there already' : 'cannot be written';
      throw new RookeryError('USAGE', { detail: `${to} ${why}`, cause });
    });
  };
  await write(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  await write(`${path}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  if (!context.quiet)
    await context.stdout.write(`${file} signs: keep it to yourself\n${file}.pub is for --require-signed\n`);
}
