import { useState } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { announce } from './announcer.tsx';
import { chooseTheme, type ThemeChoice, themeChoice } from './theme.ts';

const next: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
const names: Record<ThemeChoice, string> = { system: 'as the device', light: 'light', dark: 'dark' };
const icons = { system: 'contrast', light: 'sun', dark: 'moon' } as const;

/** Switches between the device's theme, light and dark. */
export const ThemeToggle = () => {
  const [choice, setChoice] = useState(themeChoice);
  const label = `Appearance: ${names[choice]}`;
  const turn = (): void => {
    const chosen = next[choice];
    chooseTheme(chosen);
    setChoice(chosen);
    announce(`Appearance: ${names[chosen]}`);
  };
  return (
    <button type="button" class="icon-button" onClick={turn} aria-label={label} title={label}>
      <Icon name={icons[choice]} />
    </button>
  );
};
