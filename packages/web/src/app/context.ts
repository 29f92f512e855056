import type { Client, Session } from '@rookery/client';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ClassifyQueue } from '../classify/classify-queue.ts';
import type { JobUpload } from '../jobs/job-upload.ts';

/** What every view is given. */
export interface App {
  readonly client: Client;
  readonly session: Session;
  /** The pictures of the start page, which stay while other views are shown. */
  readonly pictures: ClassifyQueue;
  /** The upload in progress, whichever view is shown. */
  readonly upload: JobUpload;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('a view is shown inside the app');
  return app;
}

export const mayDo = (session: Session, scope: Session['scopes'][number]): boolean =>
  session.scopes.includes(scope) || session.scopes.includes('admin');
