/**
 * SQS takes only characters that XML allows, and some servers of its kind no pairs of surrogates. JSON escapes control
 * characters already; the rest may stand in a picture's key, and means the same when it is escaped.
 */
export const jsonForSqs = (json: string): string =>
  json.replace(/[\ud800-\udfff\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

/** Free text for an attribute: what SQS refuses becomes a question mark. */
export const textForSqs = (text: string, maxLength: number): string =>
  text
    .slice(0, maxLength)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that SQS refuses
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, '?');
