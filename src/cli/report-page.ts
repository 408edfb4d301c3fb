import { duration, quantity } from '../base/index.ts'
import type { Amount, ShardIndex, StageReport, TallyReason } from '../data/index.ts'
import type { PrepareReport } from '../data/prepare/index.ts'
import { byFrequency, epochsText, percent, ratio } from './data-report.ts'
import { reportStyle } from './report-style.ts'

export interface ReportPage {
  /** What was read, as the user named it. */
  readonly title: string
  /** Listing the inputs comes first; it counts files. */
  readonly stages: readonly StageReport[]
  /** Of shards, where they were made. */
  readonly prepared?: { readonly report: PrepareReport; readonly index: ShardIndex }
}

/** Text of others as HTML, whatever is in it; its direction of writing ends where it ends. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  // Control characters are no characters of HTML.
  const clean = text.toWellFormed().replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')
  return `<bdi>${clean.replace(/[&<>"']/g, (character) => names[character])}</bdi>`
}

/**
 * What became of a corpus as one HTML file: stages as bars, reasons with examples, sources, packing. It needs no scripts and
 * no other files, and says to browsers that none are to be run.
 */
export function reportPage({ title, stages, prepared }: ReportPage): string {
  const [listing, documents] = [stages.filter(isListing), stages.filter((stage) => !isListing(stage))]
  const whole = documents[0]?.in ?? { documents: 0, bytes: 0 }
  const last = documents.at(-1)?.out ?? whole
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Data report</title>
<style>${reportStyle}</style>
<main>
<h1>What became of the text</h1>
<p class="soft">${escaped(title)}</p>
${summary(whole, last, prepared)}
<h2 id="stages">Stages</h2>
<p class="soft legend"><i style="background: var(--kept)"></i>goes on<i style="background: var(--gone)"></i>left out here.
Open a stage to see why, with examples.</p>
<div class="stages">
${listing.map((stage) => stageOf(stage, stage.in, 'files')).join('\n')}
${documents.map((stage) => stageOf(stage, whole, 'documents')).join('\n')}
</div>
${prepared === undefined ? '' : `${sources(prepared.report)}\n${packing(prepared)}\n${recipe(prepared.report)}`}
</main>
</html>
`
}

const isListing = ({ stage }: StageReport) => stage === 'inputs'

function summary(whole: Amount, last: Amount, prepared: ReportPage['prepared']): string {
  const figures = [
    ['documents read', quantity(whole.documents)],
    [
      'documents kept',
      `${quantity(last.documents)} <span class="soft">${percent(ratio(last.documents, whole.documents))}</span>`,
    ],
    ['text kept', quantity(last.bytes, 'B')],
  ]
  if (prepared !== undefined) {
    const { train, tokenizer, seconds } = prepared.report
    const took = Object.values(seconds).reduce((sum, each) => sum + each, 0)
    figures.push(
      ['tokens to train on', quantity(train.tokens)],
      ['bytes a token', ratio(train.textBytes, train.tokens - train.filler).toFixed(2)],
      [tokenizer.learned ? 'vocabulary, learned here' : 'vocabulary', tokenizer.vocabSize.toLocaleString('en')],
      ['time', duration(1000 * took)],
    )
  }
  return `<dl class="figures">${figures.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

/** A stage, drawn to the scale of what came into the first. */
function stageOf(report: StageReport, whole: Amount, unit: string): string {
  const { stage, dropped, changed } = report
  const reasons = [reasonList('Left out', dropped, unit), reasonList('Changed', changed, unit)].filter(
    (part) => part !== '',
  )
  const inside = reasons.length === 0 ? '<p class="soft">Nothing was left out or changed here.</p>' : reasons.join('')
  return `<details>
<summary><span class="stage"><span class="name">${escaped(stage)}</span>
${bar('documents', report, whole, (kept, of) => `${quantity(kept)} of ${quantity(of)} ${unit}`)}
${bar('bytes', report, whole, (kept, of) => `${quantity(kept, 'B')} of ${quantity(of, 'B')}`)}</span></summary>
<div class="inside">${inside}</div>
</details>`
}

function bar(
  side: keyof Amount,
  report: StageReport,
  whole: Amount,
  text: (kept: number, of: number) => string,
): string {
  const [before, after] = [report.in[side], report.out[side]]
  const scale = whole[side]
  const width = (n: number) => `${(100 * ratio(Math.min(n, scale), scale)).toFixed(2)}%`
  const left = ratio(before - after, before)
  const gone = before > after ? ` <span class="soft">− ${left < 0.0005 ? 'under 0.1 %' : percent(left)}</span>` : ''
  const drawn = [
    `<span class="kept" style="width: ${width(after)}"></span>`,
    before > after ? `<span class="gone" style="width: ${width(before - after)}"></span>` : '',
  ]
  return `<span class="bar"><span class="rail">${drawn.join('')}</span><span class="text">${text(after, before)}${gone}</span></span>`
}

function reasonList(title: string, reasons: StageReport['dropped'], unit: string): string {
  const entries = byFrequency(reasons)
  if (entries.length === 0) return ''
  return `<p class="soft">${title}</p>${entries.map(([reason, counts], i) => reasonOf(reason, counts, unit, i === 0)).join('')}`
}

function reasonOf(reason: string, { documents, bytes, examples }: TallyReason, unit: string, open: boolean): string {
  const size = bytes > 0 ? `, ${quantity(bytes, 'B')}` : ''
  const items = examples.map(
    ({ id, why, excerpt }) =>
      `<li><code>${escaped(id)}</code> <span class="why">${escaped(why)}</span>${excerpt === '' ? '' : `<blockquote>${escaped(excerpt)}</blockquote>`}</li>`,
  )
  return `<details class="reason"${open ? ' open' : ''}><summary><b>${escaped(reason)}</b> <span class="count">${quantity(documents)} ${documents === 1 ? unit.slice(0, -1) : unit}${size}</span></summary><ul class="examples">${items.join('')}</ul></details>`
}

function sources(report: PrepareReport): string {
  const entries = Object.entries(report.sources)
  const told = entries.reduce((sum, [, { tokens, epochs }]) => sum + tokens * epochs, 0)
  const rows = entries.map(([source, { tokens, epochs }]) => [
    escaped(source),
    quantity(tokens),
    epochsText(epochs),
    quantity(tokens * epochs),
    percent(ratio(tokens * epochs, told)),
  ])
  return `<h2>Sources and their mix</h2>
${tableOf(['source', 'tokens there', 'epochs', 'tokens told', 'of the mix'], rows)}`
}

function packing({ report, index }: NonNullable<ReportPage['prepared']>): string {
  const { rowTokens } = index
  const rows = (['train', 'validation'] as const).flatMap((name) => {
    const split = report[name]
    if (split === undefined) return []
    const { documents, tokens, textBytes, filler } = split
    const packed =
      rowTokens === undefined ? [] : [(tokens / rowTokens).toLocaleString('en'), percent(ratio(filler, tokens))]
    const perToken = ratio(textBytes, tokens - filler).toFixed(2)
    return [[name, documents.toLocaleString('en'), tokens.toLocaleString('en'), perToken, ...packed]]
  })
  const packed = rowTokens === undefined ? [] : [`rows of ${rowTokens - 1}`, 'filler']
  return `<h2>${rowTokens === undefined ? 'Tokens' : 'Packing'}</h2>
${tableOf(['split', 'documents', 'tokens', 'bytes a token', ...packed], rows)}`
}

function recipe(report: PrepareReport): string {
  return `<h2>Recipe</h2>
<pre tabindex="0">${escaped(JSON.stringify(report.recipe, null, 2))}</pre>`
}

function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  return `<div class="scroll" tabindex="0"><table>${cells(header, 'th scope="col"').replaceAll('</th scope="col">', '</th>')}${rows.map((row) => cells(row, 'td')).join('')}</table></div>`
}
