/** Runs before anything is drawn, so that nobody in the dark sees a flash of light. */
import { applyTheme, followSystem } from './theme.ts';

applyTheme();
followSystem();
