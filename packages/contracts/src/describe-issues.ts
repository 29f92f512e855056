import type * as z from 'zod';

/** What is wrong with a value, on one line: `items.0.key: expected string; top: ...`. At most `most` of it, and how much more there is. */
export function describeIssues({ issues }: Pick<z.core.$ZodError, 'issues'>, most = 5): string {
  const told = issues
    .slice(0, most)
    .map((issue) =>
      issue.path.length === 0 ? textOf(issue) : `${issue.path.map(String).join('.')}: ${textOf(issue)}`,
    );
  return `${told.join('; ')}${issues.length > most ? `; and ${issues.length - most} more` : ''}`;
}

/** Of a value that may be one of several: what each of them would want. */
function textOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message;
  const each = new Set(issue.errors.map((issues) => describeIssues({ issues })));
  return `${issue.message}, either ${[...each].join(', or ')}`;
}
