/** Of the page: follows the reader's light or dark, fits a phone. */
export const style = `
:root{color-scheme:light dark;--ink:#1c2430;--muted:#5b6675;--line:#d9dee6;--paper:#fff;--card:#f6f8fa;--now:#4a7fd6;--before:#c2571a;--bad:#b3261e;--good:#1f7a3d}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--muted:#9aa6b5;--line:#323b48;--paper:#12161c;--card:#1a2029;--now:#6ea0f2;--before:#f09a5b;--bad:#ff8a80;--good:#7fd69a}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 16px 64px}h1{font-size:24px;margin:0 0 8px}h2{font-size:20px;margin:32px 0 4px;overflow-wrap:anywhere}h3{font-size:16px;margin:28px 0 4px}
p{margin:6px 0 12px}.muted{color:var(--muted);font-size:13px}.alarm{border-left:4px solid var(--bad);background:var(--card);padding:8px 12px}
.chip{display:inline-block;border:1px solid currentcolor;border-radius:999px;padding:0 9px;font-size:13px;font-weight:500;color:var(--muted);white-space:nowrap}
.chip.drifting,.chip.off{color:var(--bad)}.chip.stable,.chip.well{color:var(--good)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:14px;margin:14px 0}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 12px}figcaption{font-weight:600;margin-bottom:6px}
svg{display:block;width:100%;height:auto;overflow:visible}svg text{font:10px system-ui,sans-serif;fill:var(--muted)}
.axis{stroke:var(--line)}.now{fill:var(--now);opacity:.75}.before{fill:none;stroke:var(--before);stroke-width:1.5}.line{fill:none;stroke:var(--now);stroke-width:1.5}.dot{fill:var(--now)}
.level{stroke-dasharray:4 3}.level.raise{stroke:var(--bad)}.level.clear{stroke:var(--good)}
.wide{overflow-x:auto;margin:8px 0}.tables{display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start}
table{border-collapse:collapse;font-size:14px}th,td{padding:4px 12px 4px 0;text-align:right;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums;white-space:nowrap}
th{font-weight:600}th:first-child,td:first-child,.text{text-align:left}.bar{width:160px;min-width:80px}.bar span{display:block;height:9px;background:var(--now);border-radius:2px}
`;
