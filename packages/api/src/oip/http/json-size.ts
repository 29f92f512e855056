import { RookeryError } from '@rookery/contracts';

/** What a JSON text may be made of. Texts in it are cheap, whatever their length; members, lists and numbers are not. */
interface JsonLimits {
  readonly bytes: number;
  /** Members of objects. */
  readonly members: number;
  /** Lists and objects. */
  readonly lists: number;
  /** Values in lists. */
  readonly values: number;
}

/**
 * A batch of pictures as encoded texts, or the pixels of a few dozen as flat lists. Parsing happens at once and nothing else does meanwhile:
 * of a text of 16 MB it took seconds where it was made of members or empty lists only.
 */
const mostJson: JsonLimits = { bytes: 32 * 1024 * 1024, members: 10_000, lists: 500_000, values: 5_000_000 };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const bracket = 0x5b;
const brace = 0x7b;

/**
 * Looks at a JSON text before it is parsed, whether it is well-formed or not.
 * @throws {RookeryError} REQUEST_TOO_LARGE
 */
export function checkJsonSize(json: Uint8Array, limits: JsonLimits = mostJson): void {
  if (json.byteLength > limits.bytes) throw tooLarge(`${json.byteLength} bytes of JSON, at most ${limits.bytes}`);
  let members = 0;
  let lists = 0;
  let values = 0;
  for (let at = 0; at < json.byteLength; at++) {
    const byte = json[at];
    if (byte === comma) {
      if (++values > limits.values) throw tooLarge(`more than ${limits.values} values in JSON`);
    } else if (byte === quote) at = endOfText(json, at);
    else if (byte === colon) {
      if (++members > limits.members) throw tooLarge(`more than ${limits.members} members of JSON`);
    } else if (byte === bracket || byte === brace) {
      if (++lists > limits.lists) throw tooLarge(`more than ${limits.lists} lists in JSON`);
    }
  }
}

/** The place of the quote that ends the text which begins at `from`. */
function endOfText(json: Uint8Array, from: number): number {
  for (let at = json.indexOf(quote, from + 1); at >= 0; at = json.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (json[at - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return json.byteLength;
}

const tooLarge = (detail: string): RookeryError =>
  new RookeryError('REQUEST_TOO_LARGE', { detail: `${detail}; the binary tensor extension takes larger tensors` });
