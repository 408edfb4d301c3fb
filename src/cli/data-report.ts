import { duration, quantity } from '../base/index.ts'
import type { StageReport, TallyReason } from '../data/index.ts'
import type { PrepareReport } from '../data/prepare/index.ts'
import type { Prepared } from '../node/prepare/index.ts'
import { excerpt, printable } from './printable.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

/** Reasons of a stage that are named. */
const namedReasons = 3

export const percent = (share: number) => {
  const value = 100 * share
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`
}

/** A share that may be one of nothing. */
export const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

/** Reasons, the most frequent first. */
export const byFrequency = (reasons: StageReport['dropped']): [string, TallyReason][] =>
  Object.entries(reasons).sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1))

/** What went into each stage and came out, and why documents were left out. */
export function stageTable(stages: readonly StageReport[], paint: Paint): string {
  const header = ['stage', 'documents', 'kept', 'bytes', 'kept', 'dropped', 'why']
  const rows = stages.map((report) => [
    report.stage,
    quantity(report.in.documents),
    quantity(report.out.documents),
    quantity(report.in.bytes, 'B'),
    quantity(report.out.bytes, 'B'),
    percent(ratio(report.in.documents - report.out.documents, report.in.documents)),
    reasonsOf(report),
  ])
  return table(rows, { header, paint })
}

function reasonsOf({ dropped, changed }: StageReport): string {
  const all = byFrequency(dropped)
  const shown = all.slice(0, namedReasons).map(([reason, { documents }]) => `${quantity(documents)} ${reason}`)
  if (all.length > namedReasons) shown.push(`${all.length - namedReasons} more`)
  const done = byFrequency(changed)
    .slice(0, namedReasons - shown.length)
    .map(([reason, { documents }]) => `(${quantity(documents)} ${reason})`)
  return printable([...shown, ...done].join(', '))
}

export interface ReportTextOptions {
  readonly output: string
  readonly prepared: Prepared
  /** What it took; undefined when part of it was done before. */
  readonly seconds?: number
  /** Cells of a line; unlimited when not given. */
  readonly columns?: number
  readonly paint: Paint
}

/** What became of the sources, what was written, and what to do next. */
export function reportText({ output, prepared, seconds, columns, paint }: ReportTextOptions): string {
  const { report, index, reused } = prepared
  const parts = [stageTable(report.stages, paint), sourceTable(report, paint), splitTable(prepared, paint)]
  const lines = parts.flatMap((part) => [...part.split('\n').map((line) => fitted(line, columns)), ''])
  const read = report.stages.find(({ stage }) => stage === 'read')?.out.bytes ?? 0
  if (reused) lines.push(`${output} held this set already; nothing was read anew.`)
  else if (seconds === undefined) lines.push('Went on with what an earlier start had done.')
  else lines.push(`${quantity(read, 'B')} of text in ${duration(1000 * seconds)}: ${quantity(read / seconds, 'B/s')}`)
  const shards = Object.values(index.splits).flatMap((split) => split?.shards ?? [])
  const shardBytes = shards.reduce((sum, { tokens }) => sum + tokens * index.tokenBytes, 0)
  const files = `index.json, tokenizer.json, report.json, report.html, ${shards.length} ${shards.length === 1 ? 'shard' : 'shards'} of ${quantity(shardBytes, 'B')}`
  const tokens = index.rowTokens === undefined ? '' : ` --tokens ${index.rowTokens - 1}`
  lines.push(
    `written   ${output}: ${files}`,
    '',
    `${paint('dim', 'look')}      alippe data inspect ${quoted(output)}`,
    `${paint('dim', 'train')}     alippe train --data ${quoted(output)}${tokens}`,
  )
  return lines.join('\n')
}

function sourceTable({ sources }: PrepareReport, paint: Paint): string {
  const entries = Object.entries(sources)
  const told = entries.reduce((sum, [, { tokens, epochs }]) => sum + tokens * epochs, 0)
  const rows = entries.map(([source, { tokens, epochs }]) => [
    excerpt(source, 40),
    quantity(tokens),
    epochsText(epochs),
    percent(ratio(tokens * epochs, told)),
  ])
  return table(rows, { header: ['source', 'tokens', 'epochs', 'of the mix'], paint })
}

/** `1`, `0.25`, `2.5`. */
export const epochsText = (epochs: number) => String(Number(epochs.toPrecision(3)))

function splitTable({ report, index }: Prepared, paint: Paint): string {
  const rows = (['train', 'validation'] as const).flatMap((name) => {
    const split = report[name]
    if (split === undefined) return []
    const { documents, tokens, textBytes, filler } = split
    const rows =
      index.rowTokens === undefined ? [] : [quantity(tokens / index.rowTokens), percent(ratio(filler, tokens))]
    return [[name, quantity(documents), quantity(tokens), ratio(textBytes, tokens - filler).toFixed(2), ...rows]]
  })
  const packed = index.rowTokens === undefined ? [] : [`rows of ${index.rowTokens - 1}`, 'filler']
  return table(rows, { header: ['split', 'documents', 'tokens', 'bytes/token', ...packed], paint })
}

/** A line of a table, cut where the terminal ends. */
function fitted(line: string, columns = Number.POSITIVE_INFINITY): string {
  // The title is painted, and has no text that could be long.
  if (line.includes('\x1b') || line.length <= columns) return line
  return `${line.slice(0, columns - 1)}…`
}

/** A path as a shell takes it. */
export const quoted = (path: string) => (/^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
