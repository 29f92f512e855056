import { ServiceError } from '@rookery/client';
import { Icon } from './icon.tsx';
import { wordsOf } from './words.ts';

/** A view that cannot be shown: why, and what to do. */
export const Trouble = ({ error, onRetry }: { error: unknown; onRetry?: () => void }) => (
  <div class="empty" role="alert">
    <span class="empty-icon bad">
      <Icon name="warning" />
    </span>
    <h1>{wordsOf(error)}</h1>
    {error instanceof ServiceError && error.requestId !== undefined && (
      <p class="muted small">
        In the service's log under <code>{error.requestId}</code>
      </p>
    )}
    {onRetry && (
      <button type="button" class="button" onClick={onRetry}>
        <Icon name="retry" /> Try again
      </button>
    )}
  </div>
);
