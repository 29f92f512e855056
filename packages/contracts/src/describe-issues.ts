import type * as z from 'zod';

/** What is wrong with a value, on one line: `items.0.key: expected string; top: ...`. At most `most` of it, and how much more there is. */
export function describeIssues({ issues }: Pick<z.core.$ZodError, 'issues'>, most = 5): string {
  const told = issues
    .slice(0, most)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`));
  return `${told.join('; ')}${issues.length > most ? `; and ${issues.length - most} more` : ''}`;
}
