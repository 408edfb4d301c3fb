import { type Folder, type StageReport, sha256 } from '../../data/index.ts'
import {
  type Cleaned,
  readSelection,
  type Selection,
  select,
  selectOptions,
  writeSelection,
} from '../../data/prepare/index.ts'
import type { Workplace } from './tasks.ts'

export interface Selected {
  readonly selection: Selection
  readonly reports: readonly StageReport[]
  /** Where the selection is, in the folder of work. */
  readonly file: string
  /** Names everything that it depends on. */
  readonly key: string
}

/** Decides which documents stay. What an earlier attempt decided is taken over. */
export async function selectAll(
  { recipe, folder, progress }: Workplace,
  cleaned: Cleaned,
  cleanKey: string,
): Promise<Selected> {
  const options = selectOptions(recipe)
  const key = (await sha256(JSON.stringify([cleanKey, options]))).slice(0, 16)
  const file = `select-${key}/selection`
  const reportFile = `select-${key}/report.json`
  const known = await knownReports(folder, reportFile)
  if (known !== undefined) return { selection: await readSelection(folder, file), reports: known, file, key }
  const { selection, reports } = await select(cleaned, options, (done, of) => progress('select', done / of))
  await writeSelection(folder, file, selection)
  await folder.write(reportFile, new TextEncoder().encode(JSON.stringify(reports)), { durable: false })
  return { selection, reports, file, key }
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
