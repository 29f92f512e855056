import { render } from 'preact';
import { keepFocus } from './app/keep-focus.ts';
import { Shell } from './app/shell.tsx';

const root = document.getElementById('app');
if (root) {
  render(<Shell />, root);
  keepFocus(root);
}
