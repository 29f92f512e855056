/** Whether a WebP file is one picture without transparency: a plain lossy one, or an extended one (`VP8X`) that says so. */
export function isStillWebp(bytes: Uint8Array): boolean {
  const chunk = String.fromCharCode(...bytes.subarray(12, 16));
  if (chunk !== 'VP8X') return chunk === 'VP8 ';
  const flags = bytes[20] ?? 0xff;
  const [animation, alpha] = [0x02, 0x10];
  return (flags & (animation | alpha)) === 0;
}
