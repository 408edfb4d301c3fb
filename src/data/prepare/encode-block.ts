import type { Tokenizer } from '../../tokenizers/index.ts'
import { withoutSpans } from '../dedup/index.ts'
import { type Folder, isValidation, outlineOf } from '../index.ts'
import type { CleanedBlock } from './cleaned.ts'
import { readRecords } from './record.ts'
import type { Selection } from './select.ts'
import { tokenBytesOf, writeTokenBlock } from './token-block.ts'

export interface EncodeOptions {
  readonly tokenizer: Tokenizer
  /** Names of sources; documents get their numbers. */
  readonly sources: readonly string[]
  /** Sets whole documents aside, chosen by their id, seed and fraction alone. */
  readonly validation?: { readonly fraction: number; readonly seed: number }
}

/**
 * Turns the documents of a cleaned block that were selected into token ids, and writes them as a token block. Texts without
 * cuts go from UTF-8 to ids, and no string is made of them.
 *
 * @param first the number of the block's first document
 */
export async function encodeBlock(
  { name, file, lengths }: CleanedBlock,
  selected: { readonly selection: Selection; readonly first: number },
  to: { readonly folder: Folder; readonly name: string },
  { tokenizer, sources, validation }: EncodeOptions,
): Promise<void> {
  const text = await file.read('text', 'u8')
  const records = readRecords(await file.read('records', 'u8'), lengths.length, name)
  const linesOf = lineFinder(selected.selection)
  const sourceNumbers = new Map(sources.map((source, i) => [source, i]))
  const tokens: Uint32Array[] = []
  const rows: { number: number; source: number; aside: number; textBytes: number }[] = []
  let end = 0
  for (let i = 0; i < lengths.length; i++) {
    const bytes = text.subarray(end, (end += lengths[i]))
    const number = selected.first + i
    if (selected.selection.repeats[number] !== number) continue
    const left = withoutLines(bytes, linesOf(number))
    if (left.length === 0) continue
    tokens.push(tokenizer.encodeBytes(left))
    const { id, source } = records[i]
    const aside = validation !== undefined && isValidation(id, validation) ? 1 : 0
    rows.push({ number, source: sourceNumbers.get(source)!, aside, textBytes: left.length })
  }
  const IdArray = tokenBytesOf(tokenizer) === 2 ? Uint16Array : Uint32Array
  const ids = new IdArray(tokens.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of tokens) {
    ids.set(part, at)
    at += part.length
  }
  await writeTokenBlock(to.folder, to.name, {
    ids,
    lengths: Uint32Array.from(tokens, (part) => part.length),
    numbers: Uint32Array.from(rows, (row) => row.number),
    sources: Uint16Array.from(rows, (row) => row.source),
    aside: Uint8Array.from(rows, (row) => row.aside),
    textBytes: Uint32Array.from(rows, (row) => row.textBytes),
  })
}

/** Which lines of a document go. Documents are asked for in order. */
export function lineFinder({ lineDocuments, lineNumbers }: Selection): (document: number) => Uint32Array {
  let at = -1
  return (document) => {
    if (at < 0) at = firstAtLeast(lineDocuments, document)
    while (at < lineDocuments.length && lineDocuments[at] < document) at++
    const from = at
    while (at < lineDocuments.length && lineDocuments[at] === document) at++
    return lineNumbers.subarray(from, at)
  }
}

/** A text in UTF-8 without some lines of its outline. */
export function withoutLines(bytes: Uint8Array, lines: Uint32Array): Uint8Array {
  if (lines.length === 0) return bytes
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes as Uint8Array<ArrayBuffer>)
  const outline = outlineOf(text).lines
  const spans = Array.from(lines, (line): [number, number] => [
    outline.starts[line],
    line + 1 < outline.count ? outline.starts[line + 1] : text.length,
  ])
  return new TextEncoder().encode(withoutSpans(text, spans).text)
}

/** The first place whose number is not below `least`, in numbers that ascend. */
function firstAtLeast(numbers: Uint32Array, least: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle] < least) low = middle + 1
    else high = middle
  }
  return low
}
