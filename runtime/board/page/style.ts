/** The page's style: system fonts, two palettes by the reader's preference, one column on a phone. */
export const style = /* css */ `
:root {
  color-scheme: light dark;
  --ground: #f4f5f8; --card: #ffffff; --edge: #e2e5ec; --ink: #161a23; --soft: #5a6376; --faint: #697184;
  --accent: #4353e0; --accent-soft: #b9c0f6; --good: #12805c; --warn: #a15c00; --bad: #c0293b;
  --shadow: 0 1px 2px rgb(20 26 40 / 5%), 0 6px 20px rgb(20 26 40 / 4%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1017; --card: #151a24; --edge: #242b38; --ink: #eceff6; --soft: #a0a9bb; --faint: #8993a7;
    --accent: #8b9bff; --accent-soft: #3c4781; --good: #4ccb9c; --warn: #f0b35a; --bad: #ff7b87;
    --shadow: none;
  }
}
* { box-sizing: border-box; margin: 0; }
html { -webkit-text-size-adjust: 100%; }
body {
  background: var(--ground); color: var(--ink); min-height: 100vh; line-height: 1.45;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
.bar, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 16px; padding-top: 20px; }
.brand { display: flex; align-items: center; gap: 10px; min-width: 0; }
.brand svg { fill: var(--accent); flex: none; }
h1 { font-size: 16px; font-weight: 650; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
h2 { font-size: 13px; font-weight: 600; color: var(--soft); }
.connection {
  display: flex; align-items: center; gap: 8px; padding: 4px 12px; border-radius: 99px; white-space: nowrap;
  background: var(--card); border: 1px solid var(--edge); font-size: 13px; color: var(--soft);
}
.dot { width: 8px; height: 8px; border-radius: 50%; background: var(--warn); }
[data-state="live"] .dot { background: var(--good); }
[data-state="lost"] .dot { background: var(--bad); }
.window { display: flex; align-items: flex-end; justify-content: space-between; gap: 8px 24px; flex-wrap: wrap; margin: 22px 0 16px; }
.when { font-size: 27px; font-weight: 680; letter-spacing: -.02em; color: var(--ink); line-height: 1.2; }
.sub, .age { color: var(--soft); margin-top: 2px; }
.mark {
  display: inline-block; margin-left: 8px; padding: 0 8px; border-radius: 99px; font-size: 12px; line-height: 20px;
  color: var(--warn); border: 1px solid currentcolor;
}
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 14px; padding: 16px 18px; box-shadow: var(--shadow); }
.figures { display: grid; grid-template-columns: repeat(5, 1fr); gap: 14px; margin-bottom: 14px; }
dt { color: var(--soft); font-size: 13px; font-weight: 600; }
.figure dd:not(.note) { font-size: 27px; font-weight: 680; letter-spacing: -.02em; line-height: 1.3; margin-top: 2px; }
.lead dd:not(.note) { color: var(--accent); }
.figure[data-state="some"] dd:not(.note) { color: var(--warn); }
.note { color: var(--faint); font-size: 13px; }
.head { display: flex; align-items: baseline; gap: 2px 16px; }
.legend { color: var(--faint); font-size: 13px; white-space: nowrap; }
.swatch { display: inline-block; width: 11px; height: 3px; border-radius: 1px; margin-right: 7px; vertical-align: middle; background: var(--warn); }
.readout { color: var(--soft); font-size: 13px; margin-left: auto; }
.chart { height: 208px; margin-top: 10px; }
.chart svg { display: block; width: 100%; height: 100%; overflow: visible; }
.chart text { fill: var(--faint); font-size: 11.5px; }
.chart .grid { stroke: var(--edge); stroke-width: 1; }
.chart .column { fill: var(--accent-soft); }
.chart .column.newest, .chart .column.read { fill: var(--accent); }
.chart .column.clipped { fill-opacity: .55; }
.chart .missed { fill: var(--warn); }
.chart .target { fill: transparent; }
.lists { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 14px 0 0; }
.ranks { list-style: none; padding: 0; margin-top: 12px; display: grid; gap: 11px; }
.rank { display: grid; grid-template-columns: minmax(0, 1fr) auto 3.6em; gap: 0 8px; font-size: 14px; align-items: baseline; }
.rank .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.rank .count { font-weight: 600; }
.rank .share { color: var(--faint); font-size: 13px; text-align: right; }
.rank .track { grid-column: 1 / -1; height: 5px; margin-top: 5px; }
.rank .fill { height: 100%; border-radius: 3px; background: var(--accent); transition: width .4s ease; }
.none { color: var(--faint); font-size: 14px; }
footer {
  display: flex; justify-content: space-between; flex-wrap: wrap; gap: 6px 24px;
  padding-top: 18px; padding-bottom: 28px; color: var(--soft); font-size: 13px;
}
nav { display: flex; gap: 18px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
@media (max-width: 1000px) {
  .figures { grid-template-columns: repeat(6, 1fr); }
  .figure { grid-column: span 2; }
  .figure:nth-child(n + 4) { grid-column: span 3; }
  .lists { grid-template-columns: repeat(2, 1fr); }
}
@media (max-width: 560px) {
  .bar, main, footer { padding-left: 14px; padding-right: 14px; }
  .figures, .lists { gap: 10px; }
  .figure, .figure:nth-child(n + 4) { grid-column: span 3; padding: 12px 14px; }
  .figure.lead { grid-column: 1 / -1; }
  .figure dd:not(.note), .when { font-size: 22px; }
  .lists { grid-template-columns: 1fr; }
  .head { flex-wrap: wrap; }
  .readout { margin-left: 0; width: 100%; }
}
@media (prefers-reduced-motion: reduce) { .rank .fill { transition: none; } }
`
