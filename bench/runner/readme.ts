import { readFileSync, writeFileSync } from 'node:fs'
import { ConfigError } from '../../src/base/index.ts'
import type { Case, Report } from './contract.ts'

const begin = '<!-- figures: npm run -s bench -- --table --write -->'
const end = '<!-- /figures -->'

/** The peer that comes nearest, or is furthest ahead. */
function bestPeer({ peers }: Case): string {
  const [best] = peers.toSorted((a, b) => a.ratio - b.ratio)
  return best === undefined ? '' : `${best.value} (${best.name}), ${best.ratio} ×`
}

function rowOf(bench: string, one: Case): string {
  const { value, unit, percentOfPeak } = one.ours
  const share = percentOfPeak === undefined ? '' : `${percentOfPeak.toFixed(0)} %`
  const verdict = one.met === null ? '' : one.met ? ' ✓' : ' ✗'
  const target = (one.target ?? '').replace('percentOfPeak', '% of peak').replace('>=', '≥').replace('<=', '≤')
  return `| ${bench} | ${one.case} | ${value} ${unit} | ${share} | ${bestPeer(one)} | ${target}${verdict} |`
}

/** Saved reports as Markdown: one table a machine, a row a case. */
export function resultsTable(reports: readonly Report[]): string {
  const machines = Map.groupBy(reports, ({ machine }) => `${machine.cpu}, ${machine.threads} threads`)
  const parts = [...machines].map(([machine, all]) => {
    const { peak, readGBs } = all[0].machine
    const days = [...new Set(all.map((report) => report.date))].sort()
    const limits = `f32 ${peak.f32} GFLOP/s, bf16 ${peak.bf16} GFLOP/s, memory ${readGBs} GB/s`
    return [
      `${machine} (${limits}; measured ${days.join(', ')})`,
      '',
      '| bench | case | ours | of peak | best peer, ratio | target |',
      '|---|---|---|---|---|---|',
      ...all.flatMap((report) => report.cases.filter((one) => !one.detail).map((one) => rowOf(report.bench, one))),
    ].join('\n')
  })
  return parts.join('\n\n')
}

/** Puts a table between the two marks of a README. */
export function placeTable(readme: string, table: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)]
  if (from < 0 || to < from)
    throw new ConfigError(`README.md: expected the lines "${begin}" and "${end}", in this order`)
  return `${readme.slice(0, from + begin.length)}\n\n${table}\n\n${readme.slice(to)}`
}

export function rewriteReadme(path: string, table: string): void {
  writeFileSync(path, placeTable(readFileSync(path, 'utf8'), table))
}
