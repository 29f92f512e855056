import { useEffect, useState } from 'preact/hooks';

/** Where the page is: `#/jobs/nightly?outcome=failed` is path `['jobs', 'nightly']`. Survives a reload and can be sent to others. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

export const hashOf = (path: readonly string[], query?: URLSearchParams): string => {
  const search = query?.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
};

/** The same place of the service itself: never of another host. */
export const addressOf = ({ path, query }: Route): string => hashOf(path, query).slice(1);

export const goTo = (...path: string[]): void => {
  location.hash = hashOf(path);
};

/** Changes only the query: the view stays, and the history gets no new entry. */
export function replaceQuery(query: URLSearchParams): void {
  history.replaceState(null, '', hashOf(parseHash(location.hash).path, query));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(parseHash(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
