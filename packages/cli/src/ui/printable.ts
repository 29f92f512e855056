/** File names and labels come from anywhere: characters that would move the cursor or colour a terminal are shown as `?`. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
