/** How the report page looks: light and dark, narrow and wide, without anything from elsewhere. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #17181a);
  --card: light-dark(#fff, #1f2124);
  --ink: light-dark(#1d1f22, #e6e4df);
  --soft: light-dark(#5d6169, #a3a7ae);
  --line: light-dark(#e2dfd8, #35383d);
  --rail: light-dark(#eeebe4, #26282c);
  --kept: light-dark(#2a6f97, #6cb4dd);
  --gone: light-dark(#e3c4a8, #6a4a33);
  --mark: light-dark(#9c4a1a, #e8a87c);
}
* { box-sizing: border-box }
body {
  margin: 0 auto; max-width: 62rem; padding: 2rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; text-wrap: balance }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem }
p { margin: .25rem 0 }
.soft { color: var(--soft) }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr)); gap: .75rem; margin: 1.5rem 0; padding: 0 }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem }
.figures dt { color: var(--soft); font-size: .85rem }
.figures dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; white-space: nowrap }
.figures dd span { font-size: .85rem }
details { border-top: 1px solid var(--line) }
.stages > details:last-child { border-bottom: 1px solid var(--line) }
summary { cursor: pointer; padding: .6rem 0 }
summary:focus-visible, a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--kept); outline-offset: 2px; border-radius: .25rem }
.stage { display: inline-grid; width: calc(100% - 1.25rem); vertical-align: top; grid-template-columns: 9.5rem minmax(0, 1fr); gap: .1rem 1rem; align-items: center }
.stage .name { font-weight: 600; grid-row: span 2; align-self: start }
.bar { display: flex; align-items: center; gap: .6rem; font-size: .85rem; font-variant-numeric: tabular-nums }
.bar .rail { flex: 1 1 0; min-width: 4rem; height: .8rem; display: flex; border-radius: .15rem; overflow: hidden; background: var(--rail) }
.bar .kept { background: var(--kept) }
.bar .gone { background: var(--gone) }
.bar .text { flex: 0 0 15.5rem }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin: 0 .3rem 0 .8rem; vertical-align: -.1rem }
.legend i:first-child { margin-left: 0 }
.inside { padding: 0 0 1rem 1.25rem }
.reason { border: 0 }
.reason summary { padding: .25rem 0 }
.reason b { font-weight: 600 }
.count { color: var(--soft); font-variant-numeric: tabular-nums }
.examples { list-style: none; margin: .25rem 0 .75rem; padding: 0; display: grid; gap: .5rem }
.examples li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem }
.examples code { font: .85rem ui-monospace, "DejaVu Sans Mono", monospace; color: var(--soft) }
.examples .why { color: var(--mark); font-size: .9rem }
.examples blockquote { margin: .25rem 0 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 24rem }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: .85rem }
th, td { padding: .35rem 1.5rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td:not(:first-child), th:not(:first-child) { text-align: right }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; overflow-x: auto; font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace }
@media (max-width: 40rem) {
  body { padding-top: 1rem }
  .stage { grid-template-columns: minmax(0, 1fr) }
  .bar { flex-wrap: wrap; gap: 0 .6rem }
  .bar .rail { flex-basis: 100% }
  .bar .text { flex: 1 1 auto }
  .inside { padding-left: .25rem }
}
@media print { details::details-content { content-visibility: visible } }
`
