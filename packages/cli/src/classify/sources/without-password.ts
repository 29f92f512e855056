/** From this length on, a user without a password is more likely a key. */
const keyLength = 16;

/** An http(s) address without its password, so that results do not give it away. All else stays, so that addresses can be told apart. */
export const withoutPassword = (address: string): string =>
  // As browsers read one: the last @ before the path ends it.
  address.replace(/^(https?:[/\\]*)([^/\\?#]*)@/i, (_all, scheme: string, userInfo: string) => {
    const [user = '', ...password] = userInfo.split(':');
    if (password.length > 0) return `${scheme}${user}:[redacted]@`;
    return `${scheme}${user.length < keyLength ? user : '[redacted]'}@`;
  });
