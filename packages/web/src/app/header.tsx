import type { Session } from '@rookery/client';
import { Icon } from '../ui/icon.tsx';
import { Mark } from './mark.tsx';
import { useRoute } from './router.ts';
import { ThemeToggle } from './theme-toggle.tsx';

const views = [
  { path: '', name: 'Classify', icon: 'picture' },
  { path: 'jobs', name: 'Jobs', icon: 'stack' },
  { path: 'models', name: 'Models', icon: 'layers' },
  { path: 'fleet', name: 'Fleet', icon: 'pulse' },
] as const;

/** The name, the views and who is signed in. On a phone the views are at the foot of the page, within reach of the thumb. */
export const Header = ({ session, onLeave }: { session: Session | undefined; onLeave: () => void }) => {
  const { path } = useRoute();
  return (
    <header class="top">
      <a class="brand" href="#/">
        <Mark />
        <span>Rookery</span>
      </a>
      {session && (
        <nav class="views" aria-label="Views">
          {views.map((view) => (
            <a
              key={view.path}
              href={`#/${view.path}`}
              aria-current={(path[0] ?? '') === view.path ? 'page' : undefined}
            >
              <Icon name={view.icon} />
              {view.name}
            </a>
          ))}
        </nav>
      )}
      <div class="top-end">
        <ThemeToggle />
        {session?.authentication && session.name !== null && (
          <button type="button" class="quiet" onClick={onLeave}>
            <span class="who">{session.name}</span> Sign out
          </button>
        )}
      </div>
    </header>
  );
};
