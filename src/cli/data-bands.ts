import { measureRecall, minHasher, type RecallBin } from '../data/dedup/index.ts'
import { type Recipe, selectOptions, signatureOptions } from '../data/prepare/index.ts'
import { percent } from './data-report.ts'
import { bar } from './progress-line.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

/** What bands of MinHash find, as computed and as measured. */
export interface BandsFigures {
  readonly bands: number
  readonly rows: number
  /** Share of a signature that must agree; 0: any. */
  readonly verify: number
  /** Made pairs that were looked at. */
  readonly pairs: number
  readonly bins: readonly RecallBin[]
}

const pairs = 1000

/** The S-curve of the bands that a recipe asks for; undefined when it does not look for similar documents. */
export function bandsFigures(recipe: Pick<Recipe, 'dedup'>): BandsFigures | undefined {
  const signature = signatureOptions(recipe)
  const { near } = selectOptions(recipe)
  if (signature === undefined || near?.bands === undefined || near.rows === undefined) return undefined
  const { bands, rows, verify = 0 } = near
  return { bands, rows, verify, pairs, bins: measureRecall(minHasher(signature), { bands, rows, pairs }) }
}

/** A line for each range of similarities, with a bar. */
export function bandsTable({ bins }: BandsFigures, paint: Paint): string {
  const rows = bins.map(({ from, to, expected, measured, pairs }) => [
    `${from.toFixed(1)}–${to.toFixed(1)}`,
    paint('cyan', bar(expected, 30)),
    percent(expected),
    pairs === 0 ? '–' : percent(measured),
  ])
  return table(rows, { header: ['similarity', '', 'expected', 'measured'], paint })
}
