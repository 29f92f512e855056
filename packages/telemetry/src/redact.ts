const hidden = '[redacted]';

/** Ends of names: `token`, `redisPassword` and `WANDB_API_KEY` alike. */
const secretEnds =
  '(?:authorization|passwords?|passwd|passphrase|secrets?|access_?key|private_?key|api[_-]?key|token|cookie)';
/** What may stand before. Bounded, so that a long word is not read again from each of its letters. */
const secretName = `[\\w.-]{0,40}${secretEnds}`;

/** Members whose value is a secret, at whatever depth of the line they stand. */
const secretMember = new RegExp(`("${secretName}"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\]|-?[\\d.]+)`, 'gi');

/** The same in JSON that stands in a string, its quotes escaped. */
const escapedMember = new RegExp(`(\\\\"${secretName}\\\\"\\s*:\\s*\\\\")[^"\\\\]*`, 'gi');

/** `WANDB_API_KEY=...`, as a shell or a command line has it. */
const assignment = new RegExp(`(\\b${secretName}=)[^\\s&"'\\\\<>]+`, 'gi');

/** What signs an address: Amazon's, Google's and Azure's query parameters, and tokens; also where the address stands in another one. */
const signature =
  /((?:[?&;](?:amp;)?|%3f|%26)(?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|signature|sig|token|access_token|api_key)(?:=|%3d))[^&\s"'\\<>]+/gi;

/** `scheme://user:password@host`. */
const userInfo = /(:\/\/[^\s/:@"]*):[^\s/"]+@/g;

/** The same where the password has a slash in it, which no address may have, and people write: what follows is no port. */
const redisPassword = /(\brediss?:\/\/[^\s/:@"]*):(?!\d+\/)[^\s"]+@/gi;

/** A key in the place of a user. */
const userKey = /(:\/\/)[^\s/:@"]{16,}@/g;

/** `Authorization: Bearer ...` in running text, and either scheme alone: credentials of Basic are base64, no word has its digits. */
const credentials =
  /(\bauthorization\s*[:=]\s*)[^\s"'\\][^"'\\]*|(\bbearer\s+)[\w.~+/=-]{16,}|(\bbasic\s+)(?=[a-z+/]{0,80}[\d=])[\w+/]{8,}={0,2}/gi;

/** What webhooks are signed with. */
const webhookSecret = /\b(whsec_)[\w+/=-]+/g;

/** Of a file of keys, whole or cut short. */
const privateKey = /(-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)[^"]*?(?:(?=-----END)|(?=")|$)/g;

/** An access key of Amazon's. */
const accessKey = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;

/** A line without secrets. Works on the text, so that it doesn't matter where in an object, a message or a stack they stood. */
export function redact(line: string): string {
  return line
    .replace(secretMember, `$1"${hidden}"`)
    .replace(escapedMember, `$1${hidden}`)
    .replace(assignment, `$1${hidden}`)
    .replace(signature, `$1${hidden}`)
    .replace(redisPassword, `$1:${hidden}@`)
    .replace(userInfo, `$1:${hidden}@`)
    .replace(userKey, `$1${hidden}@`)
    .replace(webhookSecret, `$1${hidden}`)
    .replace(privateKey, `$1${hidden}`)
    .replace(credentials, (_match, ...[header, bearer, basic]: string[]) => `${header ?? bearer ?? basic}${hidden}`)
    .replace(accessKey, hidden);
}
