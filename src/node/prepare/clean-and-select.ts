import { type Folder, type StageReport, sha256 } from '../../data/index.ts'
import {
  Cleaned,
  type CleanedBlock,
  readSelection,
  type Selection,
  Selector,
  selectOptions,
  sumReports,
  writeSelection,
} from '../../data/prepare/index.ts'
import { cleanAll } from './clean-all.ts'
import type { Workplace } from './tasks.ts'
import type { Unit } from './units.ts'

/** The documents that passed the filters, and which of them stay. */
export interface Selected {
  readonly cleaned: Cleaned
  readonly selection: Selection
  /** Of reading, each filter, and comparing. */
  readonly reports: readonly StageReport[]
  /** Where the selection is, in the folder of work. */
  readonly file: string
  /** Names everything that it depends on. */
  readonly key: string
}

/**
 * Cleans all units, and compares their documents with each other meanwhile. What an earlier attempt made or decided is taken
 * over.
 *
 * @param cleanKey names everything that a block depends on
 */
export async function cleanAndSelect(place: Workplace, units: readonly Unit[], cleanKey: string): Promise<Selected> {
  const { recipe, folder, progress } = place
  const options = selectOptions(recipe)
  const key = (await sha256(JSON.stringify([cleanKey, options]))).slice(0, 16)
  const file = `select-${key}/selection`
  const reportFile = `select-${key}/report.json`
  const known = await knownReports(folder, reportFile)
  const selector = known === undefined ? new Selector(options) : undefined
  const blocks: CleanedBlock[] = []
  const cleanReports: (readonly StageReport[])[] = []
  for await (const { block, summary } of cleanAll(place, units, cleanKey)) {
    blocks.push(block)
    cleanReports.push(summary.reports)
    await selector?.add(block)
  }
  await place.pool.close() // what the filters hold is not needed any more, and comparing takes memory too
  const cleaned = new Cleaned(blocks)
  const made = { cleaned, file, key }
  if (selector === undefined) {
    const selection = await readSelection(folder, file)
    return { ...made, selection, reports: [...sumReports(cleanReports), ...known!] }
  }
  progress('select', 0)
  const { selection, reports } = await selector.finish(cleaned, (done, of) => progress('select', done / of))
  await writeSelection(folder, file, selection)
  await folder.write(reportFile, new TextEncoder().encode(JSON.stringify(reports)), { durable: false })
  return { ...made, selection, reports: [...sumReports(cleanReports), ...reports] }
}

async function knownReports(folder: Folder, name: string): Promise<StageReport[] | undefined> {
  const size = await folder.size(name)
  if (size === undefined) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(await folder.read(name, 0, size)))
  } catch {
    return undefined
  }
}
