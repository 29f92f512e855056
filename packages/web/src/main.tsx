import { render } from 'preact';
import { Shell } from './app/shell.tsx';

const root = document.getElementById('app');
if (root) render(<Shell />, root);
