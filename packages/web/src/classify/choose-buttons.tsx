import { useRef } from 'preact/hooks';
import { chosenFiles, type FoundFile } from '../ui/dropped-files.ts';
import { Icon } from '../ui/icon.tsx';

/** Listing formats by name makes phones hand over JPEG instead of HEIC. */
export const pictureTypes = 'image/jpeg,image/png,image/webp,image/gif,image/tiff,image/avif,image/bmp';

/** Opens the device's own ways to choose a picture: its files, its camera. */
export const ChooseButtons = ({ onFiles }: { onFiles: (files: FoundFile[]) => void }) => {
  const files = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const found = chosenFiles(input.files ?? []);
    // The same file may be chosen again.
    input.value = '';
    if (found.length > 0) onFiles(found);
  };
  return (
    <div class="row">
      <button type="button" class="button primary" onClick={() => files.current?.click()}>
        <Icon name="picture" /> Choose pictures
      </button>
      <button type="button" class="button only-touch" onClick={() => camera.current?.click()}>
        <Icon name="camera" /> Take a photograph
      </button>
      <input ref={files} class="gone" type="file" accept={pictureTypes} multiple hidden onChange={take} />
      <input ref={camera} class="gone" type="file" accept="image/*" capture="environment" hidden onChange={take} />
    </div>
  );
};
