const reachable = 'button:enabled, a[href], select, summary, [tabindex="0"]';

/**
 * When the element with the focus goes away (a filter that is removed, a job's "Cancel" once it is cancelled), the focus moves to an
 * element with the same name, else to the nearest one, instead of to the top of the page. It never moves to a field, since phones would
 * open their keyboard.
 */
export function keepFocus(root: Element): void {
  let line: Element[] = [];
  document.addEventListener('focusin', ({ target }) => {
    line = [];
    for (let at = target instanceof Element ? target : null; at && at !== root; at = at.parentElement) line.push(at);
  });
  const gone = (): void => {
    const { activeElement } = document;
    if (line[0] === undefined || line[0].isConnected || (activeElement && activeElement !== document.body)) return;
    const name = line[0].textContent;
    const near = [...(line.find((element) => element.isConnected)?.querySelectorAll<HTMLElement>(reachable) ?? [])];
    const next = near.find(({ textContent }) => textContent === name) ?? near[0];
    (next ?? document.getElementById('main'))?.focus();
  };
  new MutationObserver(gone).observe(root, { childList: true, subtree: true });
}
