import { expect, it } from 'vitest';
import { defaultModelsFolder } from '../src/index.ts';

it.each([
  ['linux', {}, '/home/u', '/home/u/.local/share/rookery/models'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/home/u', '/data/rookery/models'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/u', '/home/u/.local/share/rookery/models'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/u', '/home/u/.local/share/rookery/models'],
  ['freebsd', {}, '/home/u', '/home/u/.local/share/rookery/models'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/Users/u', '/Users/u/Library/Application Support/Rookery/models'],
  [
    'win32',
    { LOCALAPPDATA: 'C:\\Users\\u\\AppData\\Local' },
    'C:\\Users\\u',
    'C:\\Users\\u\\AppData\\Local\\Rookery\\models',
  ],
  ['win32', {}, 'C:\\Users\\u', 'C:\\Users\\u\\AppData\\Local\\Rookery\\models'],
])('models lie in the data folder of the user on %s with %j', (platform, env, home, folder) => {
  expect(defaultModelsFolder(env, platform, home)).toBe(folder);
});
