import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('..', import.meta.url));

interface Item {
  readonly text: string;
  readonly link: string;
}

/** Pages of the top folder that say how something works; the others say how to do something. */
const explanations = ['life-of-a-picture', 'failures', 'scaling', 'design-choices', 'comparison', 'explanations'];
/** What comes first in its group; the rest follows by name. */
const first = ['tutorials/folder', 'tutorials/bucket', 'tutorials/api', 'how-to/index', 'service', 'life-of-a-picture'];

/** A page by its own first heading. */
function itemOf(page: string): Item {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(docs, `${page}.md`), 'utf8')) ?? [];
  return { text: (title ?? page).replaceAll('`', ''), link: `/${page.replace(/(^|\/)index$/, '$1')}` };
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(docs, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name.slice(0, -'.md'.length)));
}

const inOrder = (pages: readonly string[]): Item[] => {
  const rank = (page: string): number => (first.includes(page) ? first.indexOf(page) : first.length);
  return [...pages].sort((one, other) => rank(one) - rank(other) || one.localeCompare(other)).map(itemOf);
};
const top = pagesIn('').filter((page) => page !== 'index');
const sidebar = [
  { text: 'Tutorials', items: inOrder(pagesIn('tutorials')) },
  { text: 'How to', items: inOrder([...pagesIn('how-to'), ...top.filter((page) => !explanations.includes(page))]) },
  { text: 'Reference', items: inOrder(pagesIn('reference')) },
  {
    text: 'How it works',
    items: inOrder([...top.filter((page) => explanations.includes(page)), ...pagesIn('benchmarks')]),
  },
];

/** In the repository pages also link to its files, which are no pages. */
const toTheRepository = (url: string, page: string): boolean => {
  const target = join(dirname(join(docs, page)), url.split('#')[0] ?? '');
  return relative(docs, target).startsWith('..') && existsSync(target);
};

interface MarkdownToken {
  readonly type: string;
  attrGet(name: string): string | null;
  tag: string;
  attrs: [string, string][] | null;
  readonly children: MarkdownToken[] | null;
}

interface Markdown {
  readonly core: {
    readonly ruler: {
      push(
        name: string,
        rule: (state: { readonly tokens: MarkdownToken[]; readonly env: { readonly relativePath?: string } }) => void,
      ): void;
    };
  };
}

export default {
  title: 'Rookery',
  description: 'Labels pictures at fleet scale: a bucket, a queue, and workers that each hold one warm model.',
  lang: 'en',
  cleanUrls: true,
  // Of a page below another path, such as a repository's own: DOCS_BASE=/rookery/.
  base: process.env.DOCS_BASE ?? '/',
  cacheDir: '../.cache/docs/vite',
  outDir: '../.cache/docs/site',
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    // The home page has its name in its head already; options are not broken at their hyphens.
    ['style', {}, '.VPHome .vp-doc h1 { display: none } .vp-doc td code { white-space: nowrap }'],
  ],
  markdown: {
    config(markdown: Markdown) {
      markdown.core.ruler.push('links-to-the-repository', ({ tokens, env }) => {
        let leadsOut = false;
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === 'link_open') {
            const url = token.attrGet('href') ?? '';
            leadsOut = url.startsWith('.') && toTheRepository(url, env.relativePath ?? '');
          }
          // What has nowhere to lead to is no link.
          if (!leadsOut || !token.type.startsWith('link_')) continue;
          token.tag = 'span';
          token.attrs = null;
        }
      });
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    sidebar,
    nav: [
      { text: 'Tutorials', link: '/tutorials/folder' },
      { text: 'How to', link: '/how-to/' },
      { text: 'Reference', link: '/reference/commands' },
    ],
    docFooter: { prev: 'Before', next: 'Next' },
  },
  /** The home page has a head here; in the repository it is a plain page. */
  transformPageData(page: { readonly relativePath: string; frontmatter: object }): void {
    if (page.relativePath !== 'index.md') return;
    page.frontmatter = {
      layout: 'home',
      hero: {
        name: 'Rookery',
        text: 'Labels pictures at fleet scale',
        tagline:
          'A bucket, a queue, and workers that each hold one warm model. The same classifier answers from a shell, over HTTP and on a page.',
        actions: [
          { theme: 'brand', text: 'Label a folder', link: '/tutorials/folder' },
          { theme: 'alt', text: 'Label a bucket', link: '/tutorials/bucket' },
          { theme: 'alt', text: 'How it works', link: '/life-of-a-picture' },
        ],
      },
    };
  },
};
