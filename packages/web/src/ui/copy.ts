/** Puts text on the clipboard. Pages without TLS have no clipboard of their own: there a selection is copied. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    // Old, and the only way without TLS.
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
