import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds wrong with the page as it stands, in readable lines. Evaluated through the browser's own door, past the page's policy. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: put there by the line above
    const { violations } = await (window as any).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations as { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
  });
  return found.map(({ id, help, nodes }) =>
    [
      `${id}: ${help}`,
      ...nodes.slice(0, 3).map(({ html, failureSummary }) => `    ${html}\n    ${failureSummary ?? ''}`),
    ].join('\n'),
  );
}
