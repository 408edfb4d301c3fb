import { ExactDuplicates, type LineOptions, NearDuplicates, type NearOptions, RepeatedLines } from '../dedup/index.ts'
import { type StageReport, Tally } from '../index.ts'
import { type Cleaned, readCleaned } from './cleaned.ts'
import { NumberList } from './number-list.ts'

export interface SelectOptions {
  readonly exact: boolean
  readonly near?: NearOptions
  readonly lines?: LineOptions
}

/** Which documents stay, of all blocks together, and which of their lines go. */
export interface Selection {
  /** `[documents]` the document that each repeats: itself for those that stay. */
  readonly repeats: Uint32Array
  /** `[n]` documents with lines that go, in order, and `[n]` which lines of their outlines. */
  readonly lineDocuments: Uint32Array
  readonly lineNumbers: Uint32Array
}

/**
 * Compares all documents of all blocks, in order: of equal and of similar ones the first stays, and lines that many
 * documents have go from all but the first. Only hashes and signatures are read.
 *
 * Memory: what the tables of `alippe/data/dedup` take, some 400 bytes a document.
 */
export async function select(
  cleaned: Cleaned,
  { exact, near, lines }: SelectOptions,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<{ selection: Selection; reports: StageReport[] }> {
  const repeats = Uint32Array.from({ length: cleaned.documents }, (_, i) => i)
  const reports: StageReport[] = []
  const passes = Number(exact) + Number(near !== undefined) + 2 * Number(lines !== undefined)
  let done = 0
  const step = () => onProgress(++done, passes * cleaned.blocks.length)
  if (exact) reports.push(await findExact(cleaned, repeats, step))
  if (near !== undefined) reports.push(await findNear(cleaned, repeats, near, step))
  const found = { documents: new NumberList(), numbers: new NumberList() }
  if (lines !== undefined) reports.push(await findLines(cleaned, repeats, lines, found, step))
  const selection = { repeats, lineDocuments: found.documents.numbers(), lineNumbers: found.numbers.numbers() }
  return { selection, reports }
}

async function findExact(cleaned: Cleaned, repeats: Uint32Array, step: () => void): Promise<StageReport> {
  const seen = new ExactDuplicates()
  const report = new Repeats('exact duplicates', 'equal document', cleaned)
  for (const [b, { file, lengths }] of cleaned.blocks.entries()) {
    const hashes = await file.read('hashes', 'u32')
    for (let i = 0; i < lengths.length; i++) {
      const document = cleaned.firsts[b] + i
      const first = seen.add({ high: hashes[2 * i], low: hashes[2 * i + 1] })
      if (first !== undefined) repeats[document] = first
      await report.count(document, first, lengths[i])
    }
    step()
  }
  return report.report()
}

async function findNear(
  cleaned: Cleaned,
  repeats: Uint32Array,
  options: NearOptions,
  step: () => void,
): Promise<StageReport> {
  const near = new NearDuplicates(options)
  const added = new NumberList()
  for (const [b, { file, lengths }] of cleaned.blocks.entries()) {
    const signatures = await file.read('signatures', 'u16')
    const size = lengths.length === 0 ? 0 : signatures.length / lengths.length
    for (let i = 0; i < lengths.length; i++) {
      const document = cleaned.firsts[b] + i
      if (repeats[document] !== document) continue
      near.add(signatures.subarray(i * size, (i + 1) * size))
      added.push(document)
    }
    step()
  }
  const numbers = added.numbers()
  const report = new Repeats('near duplicates', 'similar document', cleaned)
  const found = near.finish()
  for (let k = 0; k < numbers.length; k++) {
    const first = found.repeats[k] === k ? undefined : numbers[found.repeats[k]]
    if (first !== undefined) repeats[numbers[k]] = first
    const { block, index } = cleaned.placeOf(numbers[k])
    await report.count(numbers[k], first, block.lengths[index])
  }
  return report.report()
}

async function findLines(
  cleaned: Cleaned,
  repeats: Uint32Array,
  options: LineOptions,
  found: { documents: NumberList; numbers: NumberList },
  step: () => void,
): Promise<StageReport> {
  const lines = new RepeatedLines(options)
  const tally = new Tally('repeated lines')
  let examples = 0
  for (const pass of ['collect', 'remove'] as const) {
    let order = 0
    for (const [b, { file, lengths }] of cleaned.blocks.entries()) {
      const keys = await file.read('lineKeys', 'u32')
      const numbers = await file.read('lineNumbers', 'u32')
      const counts = await file.read('lineCounts', 'u32')
      let end = 0
      for (let i = 0; i < lengths.length; i++) {
        const [from, to] = [end, (end += counts[i])]
        const document = cleaned.firsts[b] + i
        if (repeats[document] !== document) continue
        const hashes = { keys: keys.subarray(2 * from, 2 * to), lines: numbers.subarray(from, to) }
        if (pass === 'collect') lines.collect(hashes)
        else {
          const gone = lines.repeated(hashes, order++)
          tally.keep(lengths[i])
          for (const line of gone) {
            found.documents.push(document)
            found.numbers.push(line)
          }
          if (gone.length === 0) continue
          const { record, text } =
            examples++ < mostShown ? await readCleaned(cleaned, document) : { record: { id: '' }, text: '' }
          tally.change('line of many documents', { id: record.id, bytes: 0, text, why: `${gone.length} lines` })
        }
      }
      step()
    }
  }
  return tally.report()
}

/** As many as a tally shows. */
const mostShown = 5

/** Counts documents that repeat others, and shows the first of them. */
class Repeats {
  #tally: Tally
  #reason: string
  #cleaned: Cleaned
  #shown = 0

  constructor(stage: string, reason: string, cleaned: Cleaned) {
    this.#tally = new Tally(stage)
    this.#reason = reason
    this.#cleaned = cleaned
  }

  async count(document: number, first: number | undefined, bytes: number): Promise<void> {
    if (first === undefined) return this.#tally.keep(bytes)
    let example = { id: '', text: '', why: '' }
    if (this.#shown++ < mostShown) {
      const { record, text } = await readCleaned(this.#cleaned, document)
      const { record: of } = await readCleaned(this.#cleaned, first)
      example = { id: record.id, text, why: `repeats ${of.id}` }
    }
    this.#tally.drop(this.#reason, { ...example, bytes })
  }

  report(): StageReport {
    return this.#tally.report()
  }
}
