/** A file and where it was found below what was dropped or chosen. */
export interface FoundFile {
  readonly file: File;
  /** `holiday/day 1/gull.jpg` of a folder; else the file's name. */
  readonly path: string;
}

const isHidden = (name: string): boolean => name.startsWith('.') || name === 'Thumbs.db';

/** Everything that was dropped, folders with all that is in them. */
export async function droppedFiles(transfer: DataTransfer): Promise<FoundFile[]> {
  // Entries must be taken before the first wait: afterwards the transfer is empty.
  const entries = [...transfer.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null));
  const plain = [...transfer.files];
  const found: FoundFile[] = [];
  for (const [at, entry] of entries.entries()) {
    if (entry) await walk(entry, found);
    else if (plain[at]) found.push({ file: plain[at], path: plain[at].name });
  }
  return found;
}

export const chosenFiles = (files: Iterable<File>): FoundFile[] =>
  [...files]
    .filter(({ name }) => !isHidden(name))
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }));

async function walk(entry: FileSystemEntry, found: FoundFile[]): Promise<void> {
  if (isHidden(entry.name)) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, path: entry.fullPath.replace(/^\//, '') });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A folder is read in pieces, until one is empty.
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (piece.length === 0) return;
    for (const inner of piece) await walk(inner, found);
  }
}
