/** Of the reading page; light or dark as the reader likes it. */
export const docsStyle = `:root{color-scheme:light dark;--text:#1c2024;--soft:#5b6570;--line:#d8dde3;--back:#fff;--panel:#f5f7f9;--accent:#0b62c4}
@media (prefers-color-scheme:dark){:root{--text:#e6e9ec;--soft:#9aa4b2;--line:#2c333b;--back:#14171c;--panel:#1b2027;--accent:#6db1ff}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.55 system-ui,sans-serif;color:var(--text);background:var(--back)}
header,main,nav{max-width:60rem;margin:0 auto;padding:1rem 1.25rem}
h1 small{color:var(--soft);font-weight:400}
h2{margin:2.5rem 0 .25rem;border-top:1px solid var(--line);padding-top:1.5rem}
h3{margin:0;font-size:1.05rem;overflow-wrap:anywhere}
h4{margin:1rem 0 .25rem;font-size:.9rem;color:var(--soft)}
article{margin:1rem 0;padding:1rem 1.25rem;background:var(--panel);border:1px solid var(--line);border-radius:8px}
article p{margin:.4rem 0}
a{color:var(--accent)}
code{font:.9em ui-monospace,monospace}
b{text-transform:uppercase}
nav>ul{columns:2 18rem;padding-left:1.1rem}
nav ul ul{list-style:none;padding-left:.75rem;font:.85rem ui-monospace,monospace}
nav li{break-inside:avoid}
table{width:100%;border-collapse:collapse;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
.members{margin:.25rem 0;padding-left:1.1rem}
.members span{color:var(--soft)}
.scope{border:1px solid var(--line);border-radius:4px;padding:0 .4em;font-size:.85rem;color:var(--soft)}
.errors{font-size:.85rem;color:var(--soft)}
details{margin:.25rem 0}
summary{cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`;
