/** `system`: what the device is set to. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const storageKey = 'rookery-theme';
const darkSystem = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

/** What was chosen on this device. */
export function themeChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    if (choice === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, choice);
  } catch {
    // In a browser that stores nothing, the choice lasts until the page is left.
  }
  applyTheme(choice);
}

/** Sets `data-theme` of the document to `light` or `dark`. */
export function applyTheme(choice = themeChoice()): void {
  const theme = choice === 'system' ? (darkSystem().matches ? 'dark' : 'light') : choice;
  document.documentElement.dataset.theme = theme;
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', theme === 'dark' ? '#14131a' : '#f6f4ef');
}

export function followSystem(): void {
  darkSystem().addEventListener('change', () => applyTheme());
}
