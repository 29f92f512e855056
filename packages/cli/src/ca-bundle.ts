import { readFileSync } from 'node:fs';
import { RookeryError } from '@rookery/contracts';
import type { Config } from './config.ts';
import { fileTrouble } from './file-trouble.ts';

/** What AWS_CA_BUNDLE names, read. @throws {RookeryError} CONFIG_INVALID */
export function caOf({ caBundle }: Config['store']): string | undefined {
  if (caBundle === undefined) return undefined;
  const invalid = (why: string, cause?: unknown) =>
    new RookeryError('CONFIG_INVALID', { detail: `store.caBundle (AWS_CA_BUNDLE) ${why}`, cause });
  let pem: string;
  try {
    pem = readFileSync(caBundle, 'utf8');
  } catch (thrown) {
    throw invalid(fileTrouble(thrown, caBundle)?.detail ?? `${caBundle}: ${thrown}`, thrown);
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw invalid(`${caBundle}: no certificate in PEM is in it`);
  return pem;
}
