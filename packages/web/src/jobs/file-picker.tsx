import type { UploadPicture } from '@rookery/client';
import { useEffect, useRef } from 'preact/hooks';
import { pictureTypes } from '../classify/choose-buttons.tsx';
import { chosenFiles, type FoundFile } from '../ui/dropped-files.ts';
import { bytes, count, counted } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { useDrop } from '../ui/use-drop.ts';
import { rememberedUpload } from './remembered-upload.ts';

interface PickerProps {
  files: readonly FoundFile[];
  /** Those of the files that are pictures. */
  pictures: readonly UploadPicture[];
  onFiles: (files: FoundFile[]) => void;
}

/** Takes files and whole folders, by the thousand. */
export const FilePicker = ({ files, pictures, onFiles }: PickerProps) => {
  const some = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const over = useDrop(onFiles);
  // The types of JSX do not know this attribute.
  useEffect(() => {
    if (folder.current) folder.current.webkitdirectory = true;
  }, []);
  const take = (event: Event): void => onFiles(chosenFiles((event.currentTarget as HTMLInputElement).files ?? []));
  const size = pictures.reduce((sum, { blob }) => sum + blob.size, 0);
  const others = files.length - pictures.length;
  return (
    <div class={over ? 'picker over' : 'picker'}>
      <Icon name="folder" />
      {files.length === 0 ? (
        <p>{over ? 'Let go' : 'Drop a folder or pictures here'}</p>
      ) : (
        <p aria-live="polite">
          <strong>{counted(pictures.length, 'picture')}</strong>, {bytes(size)}
          {others > 0 && <span class="muted"> · {count(others)} other files are left out</span>}
        </p>
      )}
      {pictures.length > 0 && rememberedUpload(pictures) !== undefined && (
        <p class="muted small">These were on their way before: only what is missing will be sent.</p>
      )}
      <div class="row">
        <button type="button" class="button" onClick={() => some.current?.click()}>
          Choose pictures
        </button>
        <button type="button" class="button no-touch" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
      </div>
      <input ref={some} type="file" hidden multiple accept={pictureTypes} onChange={take} />
      <input ref={folder} type="file" hidden multiple onChange={take} />
    </div>
  );
};
