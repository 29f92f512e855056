import { useEffect, useRef, useState } from 'preact/hooks';
import { chosenFiles, droppedFiles, type FoundFile } from './dropped-files.ts';

/** Takes the files that are dropped on the page or pasted into it. Returns whether some are being held over it. */
export function useDrop(onFiles: (files: FoundFile[]) => void): boolean {
  const [over, setOver] = useState(false);
  const handler = useRef(onFiles);
  handler.current = onFiles;
  useEffect(() => {
    // Every element that is entered or left sends an event: files are over the page while more were entered than left.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth++;
      setOver(true);
    };
    const leave = (): void => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hold = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = async (event: DragEvent): Promise<void> => {
      depth = 0;
      setOver(false);
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      const found = await droppedFiles(event.dataTransfer);
      if (found.length > 0) handler.current(found);
    };
    const paste = (event: ClipboardEvent): void => {
      const files = chosenFiles(event.clipboardData?.files ?? []);
      if (files.length === 0) return;
      event.preventDefault();
      handler.current(files);
    };
    const ended = new AbortController();
    const { signal } = ended;
    document.addEventListener('dragenter', enter, { signal });
    document.addEventListener('dragleave', leave, { signal });
    document.addEventListener('dragover', hold, { signal });
    document.addEventListener('drop', drop, { signal });
    document.addEventListener('paste', paste, { signal });
    return () => ended.abort();
  }, []);
  return over;
}
