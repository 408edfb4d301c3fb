import { documentHash, type ExactOptions, type MinHasher, type RepeatedLines } from '../dedup/index.ts'
import { Draft, type Filter, passFilters, talliesOf } from '../filters/index.ts'
import { type Documents, type FileArrays, type Folder, openArrays, type StageReport, writeArrays } from '../index.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { NumberList } from './number-list.ts'
import type { DocumentRecord } from './record.ts'

/** What is done to every document on its own, and what is kept for comparing it with others. */
export interface Cleaning {
  readonly filters: readonly Filter[]
  readonly exact?: ExactOptions
  readonly hasher?: MinHasher
  /** Only its hashes are asked for. */
  readonly lines?: RepeatedLines
}

/** What became of the documents of a block. */
export interface CleanSummary {
  readonly documents: number
  readonly textBytes: number
  /** Of reading, then of each filter. */
  readonly reports: readonly StageReport[]
}

/** Blocks are of some 4 MiB. */
const textRoom = 2 ** 23

/**
 * Reads documents, applies filters, and writes those that stay into one file: `text` (UTF-8, one behind another),
 * `lengths`, `records` (JSON lines), and for deduplication `hashes`, `signatures` and the lines' hashes. The same
 * documents give the same bytes.
 *
 * @param readReport asked when the documents have been read
 */
export async function cleanBlock(
  documents: Documents,
  cleaning: Cleaning,
  readReport: () => StageReport,
  { folder, name }: { folder: Folder; name: string },
): Promise<CleanSummary> {
  const { filters, exact, hasher, lines } = cleaning
  const tallies = talliesOf(filters)
  const text = new ByteBuffer(textRoom)
  const records = new ByteBuffer(textRoom / 16)
  const lengths = new NumberList()
  const hashes = new NumberList()
  const signatures = new NumberList(Uint16Array)
  const signature = new Uint32Array(hasher?.hashes ?? 0)
  const lineKeys = new NumberList()
  const lineNumbers = new NumberList()
  const lineCounts = new NumberList()
  for await (const document of documents) {
    const draft = new Draft(document)
    if (!passFilters(filters, draft, tallies)) continue
    lengths.push(text.add(draft.text))
    const { id, source, meta } = draft
    records.add(`${JSON.stringify({ id, source, meta } satisfies DocumentRecord)}\n`)
    if (exact !== undefined) {
      const { high, low } = documentHash(draft.outline, exact)
      hashes.push(high)
      hashes.push(low)
    }
    // The low 16 bits of each value are enough to compare.
    if (hasher !== undefined) signatures.pushAll(hasher.ofWords(draft.outline.words.hashes, signature))
    if (lines !== undefined) {
      const found = lines.hashes(draft.outline)
      lineKeys.pushAll(found.keys)
      lineNumbers.pushAll(found.lines)
      lineCounts.push(found.lines.length)
    }
  }
  const summary: CleanSummary = {
    documents: lengths.length,
    textBytes: text.length,
    reports: [readReport(), ...tallies.map((tally) => tally.report())],
  }
  const arrays: FileArrays = {
    text: { array: text.bytes() },
    lengths: { array: lengths.numbers() },
    records: { array: records.bytes() },
    summary: { array: new TextEncoder().encode(JSON.stringify(summary)) },
    ...(exact && { hashes: { array: hashes.numbers(), columns: 2 } }),
    ...(hasher && { signatures: { array: signatures.numbers(), columns: hasher.hashes } }),
    ...(lines && {
      lineKeys: { array: lineKeys.numbers(), columns: 2 },
      lineNumbers: { array: lineNumbers.numbers() },
      lineCounts: { array: lineCounts.numbers() },
    }),
  }
  await writeArrays(folder, name, arrays, { durable: false })
  return summary
}

/** @throws FormatError when the file is damaged */
export async function readCleanSummary(folder: Folder, name: string): Promise<CleanSummary> {
  const file = await openArrays(folder, name)
  return JSON.parse(new TextDecoder().decode(await file.read('summary', 'u8')))
}
