import type { ComponentChildren } from 'preact';
import type { FoundFile } from '../ui/dropped-files.ts';
import { ChooseButtons } from './choose-buttons.tsx';
import { Flock } from './flock.tsx';

interface HeroProps {
  over: boolean;
  onFiles: (files: FoundFile[]) => void;
  choice: ComponentChildren;
}

/** The start page before there are pictures. */
export const Hero = ({ over, onFiles, choice }: HeroProps) => (
  <div class={over ? 'hero over' : 'hero'}>
    <Flock />
    <h1>{over ? 'Let go' : 'What is in the picture?'}</h1>
    <p class="lead">Drop pictures anywhere on this page, paste them, or choose some. Each gets its labels at once.</p>
    <ChooseButtons onFiles={onFiles} />
    {choice}
    <p class="muted small">
      JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP. Nothing is kept: pictures go to this service and nowhere else.
    </p>
  </div>
);
