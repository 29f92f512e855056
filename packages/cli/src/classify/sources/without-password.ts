/** From so many characters on a user without a password is more likely a key. */
const keyLength = 16;

/** An http(s) address as it is shown: who reads results is not to learn how it is signed in to. All else stays, so that it can be told from others. */
export const withoutPassword = (address: string): string =>
  // As browsers read one: the last @ before the path ends it.
  address.replace(/^(https?:[/\\]*)([^/\\?#]*)@/i, (_all, scheme: string, userInfo: string) => {
    const [user = '', ...password] = userInfo.split(':');
    if (password.length > 0) return `${scheme}${user}:[redacted]@`;
    return `${scheme}${user.length < keyLength ? user : '[redacted]'}@`;
  });
