import { errorCodes, errorMessage, isOfBytes, RookeryError } from '@rookery/contracts';
import { exitCodeOf } from '../dist/exit.js';

/** The error taxonomy. */
export function errorsPage() {
  const rows = errorCodes.map((code) => {
    const { retryable } = new RookeryError(code);
    const note = isOfBytes(code) ? 'the picture' : retryable ? 'may pass' : '';
    return `| \`${code}\` | ${errorMessage(code)} | ${note} | ${exitCodeOf(code)} |`;
  });
  return `# Errors

One taxonomy for all of Rookery: a code stands in result lines, problem documents (RFC 9457), metrics, logs, and decides the exit code of the command that ends with it. Codes are stable; so are the messages, which are what a result line carries.

"The picture": the outcome is a property of the bytes, so that a later job takes it over. "May pass": the same attempt may succeed later without anything being changed; workers and clients try again.

| code | message | | exit |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
