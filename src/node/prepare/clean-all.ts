import type { Folder } from '../../data/index.ts'
import { type CleanedBlock, type CleanSummary, openCleanedBlock, readCleanSummary } from '../../data/prepare/index.ts'
import type { CleanTask, Workplace } from './tasks.ts'
import type { Unit } from './units.ts'

/**
 * Cleans all units, by as many workers as there are. Blocks that are there are not made again. Each block comes out in its
 * order, as soon as it and all before it are ready.
 *
 * @param key names everything that a block depends on
 */
export async function* cleanAll(
  { folder, pool, judges, progress }: Workplace,
  units: readonly Unit[],
  key: string,
): AsyncGenerator<{ block: CleanedBlock; summary: CleanSummary }> {
  const whole = units.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  const finished = (number: number) => progress('clean', whole === 0 ? 1 : (done += units[number].bytes) / whole)
  const names = units.map((_, number) => `clean-${key}/${String(number).padStart(6, '0')}`)
  const summaries: (CleanSummary | undefined)[] = []
  let next = 0
  async function* readyOnes() {
    for (let summary = summaries[next]; summary !== undefined; summary = summaries[++next]) {
      yield { block: await openCleanedBlock(folder, names[next]), summary }
    }
  }
  for (const [number, name] of names.entries()) {
    summaries[number] = await knownSummary(folder, name)
    if (summaries[number] !== undefined) finished(number)
  }
  yield* readyOnes()
  const tasks = names.flatMap((block, number): CleanTask[] =>
    summaries[number] === undefined ? [{ kind: 'clean', number, judges, unit: units[number], block }] : [],
  )
  for await (const { number, summary } of pool.run(tasks)) {
    summaries[number] = summary
    finished(number)
    yield* readyOnes()
  }
}

/** What an earlier attempt made; undefined when it is not there, or was torn by a power cut. */
async function knownSummary(folder: Folder, name: string): Promise<CleanSummary | undefined> {
  if ((await folder.size(name)) === undefined) return undefined
  return readCleanSummary(folder, name).catch(() => undefined)
}
