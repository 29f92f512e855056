import { posix, win32 } from 'node:path';

/**
 * Where a user's models lie when nobody says otherwise: the user's data folder, by the XDG base directory specification on Linux
 * and the likes of it, Application Support on macOS, the local application data on Windows.
 *
 * @param platform as `process.platform`
 * @param home the user's home folder
 */
export function defaultModelsFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
  home: string,
): string {
  if (platform === 'win32')
    return win32.join(env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'), 'Rookery', 'models');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Rookery', 'models');
  // A relative XDG folder is to be ignored, says the specification.
  const data = env.XDG_DATA_HOME && posix.isAbsolute(env.XDG_DATA_HOME) ? env.XDG_DATA_HOME : undefined;
  return posix.join(data ?? posix.join(home, '.local', 'share'), 'rookery', 'models');
}
