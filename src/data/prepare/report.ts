import { type StageReport, Tally } from '../index.ts'
import type { Recipe } from './recipe.ts'

/** What preparing a corpus did, stage by stage. */
export interface PrepareReport {
  readonly recipe: Recipe
  /** From listing the inputs to deduplication; what goes out of one comes into the next. */
  readonly stages: readonly StageReport[]
  readonly sources: Readonly<Record<string, SourceReport>>
  readonly train: SplitReport
  readonly validation?: SplitReport
  readonly tokenizer: { readonly vocabSize: number; readonly learned: boolean }
  /** Wall time of the stages that were done now; what was there already took none. */
  readonly seconds: Readonly<Record<string, number>>
}

export interface SourceReport {
  /** Tokens of the source that are there, before any mix. */
  readonly tokens: number
  /** How often its documents are told. */
  readonly epochs: number
}

export interface SplitReport {
  readonly documents: number
  readonly tokens: number
  readonly textBytes: number
  /** Tokens that only fill rows up. */
  readonly filler: number
}

/** Adds the reports of parts of the work, in order, stage by stage. */
export function sumReports(parts: Iterable<readonly StageReport[]>): StageReport[] {
  const tallies = new Map<string, Tally>()
  for (const reports of parts) {
    for (const report of reports) {
      let tally = tallies.get(report.stage)
      if (tally === undefined) tallies.set(report.stage, (tally = new Tally(report.stage)))
      tally.add(report)
    }
  }
  return [...tallies.values()].map((tally) => tally.report())
}
