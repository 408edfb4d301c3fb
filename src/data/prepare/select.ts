import { ExactDuplicates, type LineOptions, NearDuplicates, type NearOptions, RepeatedLines } from '../dedup/index.ts'
import { type StageReport, Tally } from '../index.ts'
import { type Cleaned, type CleanedBlock, readCleaned } from './cleaned.ts'
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
 * Compares all documents of all blocks: of equal and of similar ones the first stays, and lines that many documents have go
 * from all but the first. Only hashes and signatures are read. Blocks are added in their order as they become ready.
 *
 * Memory: what the tables of `alippe/data/dedup` take, some 400 bytes a document.
 */
export class Selector {
  readonly #options: SelectOptions
  readonly #exact = new ExactDuplicates()
  readonly #near: NearDuplicates | undefined
  readonly #repeats = new NumberList()
  /** The documents that were compared with others: all that equal no earlier one. */
  readonly #compared = new NumberList()

  constructor(options: SelectOptions) {
    this.#options = options
    this.#near = options.near && new NearDuplicates(options.near)
  }

  async add({ file, lengths }: CleanedBlock): Promise<void> {
    const { exact } = this.#options
    const hashes = exact ? await file.read('hashes', 'u32') : undefined
    const signatures = this.#near && (await file.read('signatures', 'u16'))
    const size = signatures === undefined ? 0 : signatures.length / lengths.length
    for (let i = 0; i < lengths.length; i++) {
      const document = this.#repeats.length
      const first = hashes && this.#exact.add({ high: hashes[2 * i], low: hashes[2 * i + 1] })
      this.#repeats.push(first ?? document)
      if (first !== undefined || signatures === undefined) continue
      this.#near!.add(signatures.subarray(i * size, (i + 1) * size))
      this.#compared.push(document)
    }
  }

  /** @param cleaned all blocks that were added */
  async finish(
    cleaned: Cleaned,
    onProgress: (done: number, of: number) => void = () => {},
  ): Promise<{ selection: Selection; reports: StageReport[] }> {
    const { exact, lines } = this.#options
    const repeats = this.#repeats.numbers().slice()
    const reports: StageReport[] = []
    const all = Uint32Array.from(repeats, (_, i) => i)
    if (exact) reports.push(await report('exact duplicates', 'equal document', cleaned, repeats, all))
    if (this.#near !== undefined) {
      const compared = this.#compared.numbers()
      const found = this.#near.finish().repeats
      for (const [k, document] of compared.entries()) repeats[document] = compared[found[k]]
      reports.push(await report('near duplicates', 'similar document', cleaned, repeats, compared))
    }
    const gone = { documents: new NumberList(), numbers: new NumberList() }
    if (lines !== undefined) reports.push(await findLines(cleaned, repeats, lines, gone, onProgress))
    const selection = { repeats, lineDocuments: gone.documents.numbers(), lineNumbers: gone.numbers.numbers() }
    return { selection, reports }
  }
}

/** As many as a tally shows. */
const mostShown = 5

/** Counts which of some documents repeat others, and shows the first of those. */
async function report(
  stage: string,
  reason: string,
  cleaned: Cleaned,
  repeats: Uint32Array,
  documents: Uint32Array,
): Promise<StageReport> {
  const tally = new Tally(stage)
  let shown = 0
  let at = { block: -1, end: 0 }
  for (const document of documents) {
    while (document >= at.end) at = { block: at.block + 1, end: cleaned.firsts[at.block + 2] }
    const bytes = cleaned.blocks[at.block].lengths[document - cleaned.firsts[at.block]]
    if (repeats[document] === document) {
      tally.keep(bytes)
      continue
    }
    let example = { id: '', text: '', why: '' }
    if (shown++ < mostShown) {
      const { record, text } = await readCleaned(cleaned, document)
      const { record: first } = await readCleaned(cleaned, repeats[document])
      example = { id: record.id, text, why: `repeats ${first.id}` }
    }
    tally.drop(reason, { ...example, bytes })
  }
  return tally.report()
}

async function findLines(
  cleaned: Cleaned,
  repeats: Uint32Array,
  options: LineOptions,
  gone: { documents: NumberList; numbers: NumberList },
  onProgress: (done: number, of: number) => void,
): Promise<StageReport> {
  const lines = new RepeatedLines(options)
  const tally = new Tally('repeated lines')
  let shown = 0
  let done = 0
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
          const found = lines.repeated(hashes, order++)
          tally.keep(lengths[i])
          for (const line of found) {
            gone.documents.push(document)
            gone.numbers.push(line)
          }
          if (found.length === 0) continue
          const { record, text } =
            shown++ < mostShown ? await readCleaned(cleaned, document) : { record: { id: '' }, text: '' }
          tally.change('line of many documents', { id: record.id, bytes: 0, text, why: `${found.length} lines` })
        }
      }
      onProgress(++done, 2 * cleaned.blocks.length)
    }
  }
  return tally.report()
}
