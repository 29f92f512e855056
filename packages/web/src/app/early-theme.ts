/** Runs before anything is drawn, so that the dark theme does not begin with a flash of light. */
import { applyTheme, followSystem } from './theme.ts';

applyTheme();
followSystem();
