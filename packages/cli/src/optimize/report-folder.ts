import { access, constants, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileTrouble } from '../file-trouble.ts';
import { makeFolder } from '../make-folder.ts';

/** Where a report goes. Folders that were made for it go again where nothing was put into them. */
export interface ReportFolder extends AsyncDisposable {
  readonly pathOf: (name: string) => string;
}

/** Made before the work that the report is about. @throws {RookeryError} USAGE, STORE_FULL, STORE_DENIED */
export async function reportFolder(named: string | undefined, otherwise: string, cwd: string): Promise<ReportFolder> {
  const folder = resolve(cwd, named ?? otherwise);
  const first = await makeFolder(folder, '--report');
  await access(folder, constants.W_OK).catch((thrown: unknown) => {
    throw fileTrouble(thrown, `--report ${folder}`) ?? thrown;
  });
  return {
    pathOf: (name) => join(folder, name),
    [Symbol.asyncDispose]: async () => void (first && (await removeEmpty(folder, first))),
  };
}

/** From the innermost outwards, as far as the first one that was made. */
async function removeEmpty(folder: string, first: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    // Something lies in it, or somebody else was faster: it stays as it is.
    return;
  }
  if (folder !== first) await removeEmpty(dirname(folder), first);
}
