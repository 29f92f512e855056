const hidden = '[redacted]';

const secretNames =
  '(?:proxy-)?authorization|password|passwd|secret|client_?secret|secret_?access_?key|session_?token|access_?token|refresh_?token|token|api_?key|x-api-key|cookie|set-cookie';

/** Members whose value is a secret, at whatever depth of the line they stand. */
const secretMember = new RegExp(
  `("(?:${secretNames})"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\]|-?[\\d.]+)`,
  'gi',
);

/** The same in JSON that stands in a string, its quotes escaped. */
const escapedMember = new RegExp(`(\\\\"(?:${secretNames})\\\\"\\s*:\\s*\\\\")[^"\\\\]*`, 'gi');

/** What signs an address: Amazon's, Google's and Azure's query parameters, and tokens. */
const signature =
  /([?&](?:amp;)?(?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|signature|sig|token|access_token|api_key)=)[^&\s"'\\<>]+/gi;

/** `scheme://user:password@host`. */
const userInfo = /(:\/\/[^\s/:@"]*):[^\s/"]+@/g;

/** `Authorization: Bearer ...` in running text. */
const credentials = /(\bauthorization\s*[:=]\s*)[^\s"'\\][^"'\\]*|(\bbearer\s+)[\w.~+/=-]{16,}/gi;

/** An access key of Amazon's. */
const accessKey = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;

/** A line without secrets. Works on the text, so that it doesn't matter where in an object, a message or a stack they stood. */
export function redact(line: string): string {
  return line
    .replace(secretMember, `$1"${hidden}"`)
    .replace(escapedMember, `$1${hidden}`)
    .replace(signature, `$1${hidden}`)
    .replace(userInfo, `$1:${hidden}@`)
    .replace(credentials, (_match, header?: string, bearer?: string) => `${header ?? bearer}${hidden}`)
    .replace(accessKey, hidden);
}
