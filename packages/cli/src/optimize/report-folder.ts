import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileTrouble } from '../file-trouble.ts';
import { makeFolder } from '../make-folder.ts';

/** Where a report goes, made before the work that it is about. @throws {RookeryError} USAGE, STORE_FULL, STORE_DENIED */
export async function reportFolder(named: string | undefined, otherwise: string, cwd: string): Promise<string> {
  const folder = resolve(cwd, named ?? otherwise);
  await makeFolder(folder, '--report');
  await access(folder, constants.W_OK).catch((thrown: unknown) => {
    throw fileTrouble(thrown, `--report ${folder}`) ?? thrown;
  });
  return folder;
}
