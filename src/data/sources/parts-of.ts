import { ConfigError, FormatError } from '../../base/index.ts'
import { type ByteSource, unknownSize } from './byte-source.ts'
import { readHead } from './file-head.ts'
import { openParquet } from './parquet/file.ts'
import type { Part } from './part.ts'
import { checkSizes } from './read-documents.ts'
import { type CutOptions, defaultLongestRecord, defaultPieceBytes } from './read-options.ts'
import { isBlank, separatorOf } from './read-text.ts'
import { find, lineEnd, recordsOf } from './records.ts'
import { pieceCut } from './text-pieces.ts'

/**
 * Cuts a file into parts that can be read by different workers, at different times: in order, they give the documents of
 * the whole, with the same ids, whatever their size. Plain text, Markdown and JSONL are cut at bytes, Parquet at row
 * groups; all else (compressed files, UTF-16, HTML, CSV, JSON, streams) is one part.
 *
 * Cost: a short read at each cut, as long as the record that lies there.
 *
 * @param targetBytes about how many bytes of the file a part has, at least 1
 *
 * @example
 * const source = memorySource('a.jsonl', new TextEncoder().encode('{"text": "One."}\n{"text": "Two."}\n'))
 * await partsOf(source, { targetBytes: 10 })
 * // [{ unit: 'bytes', start: 0, end: 17 }, { unit: 'bytes', start: 17, end: 34 }]
 */
export async function partsOf(
  source: ByteSource,
  options: CutOptions & { readonly targetBytes: number; readonly encoding?: string },
): Promise<readonly Part[]> {
  const { targetBytes, split = 'file', pieceBytes = defaultPieceBytes } = options
  checkSizes(pieceBytes, defaultLongestRecord)
  if (!(targetBytes >= 1)) throw new ConfigError(`partsOf: targetBytes is at least 1, not ${targetBytes}`)
  const whole: Part = { unit: 'bytes', start: 0, end: source.size }
  if (source.size === unknownSize) return [whole]
  const { format } = await readHead(source, options)
  if (format.kind === 'parquet') return rowParts(source, targetBytes)
  if (format.compression !== undefined || format.encoding !== undefined) return [whole]
  const isText = format.kind === 'text' || format.kind === 'markdown'
  if (!isText && format.kind !== 'jsonl') return [whole]

  const parts: Part[] = []
  let start = 0
  while (start < source.size) {
    const target = start + targetBytes
    const end = (target < source.size ? await cutBehind(target) : undefined) ?? source.size
    parts.push({ unit: 'bytes', start, end })
    start = end
  }
  return parts.length > 0 ? parts : [whole]

  /** The first place at or behind `at` where a document may begin. */
  async function cutBehind(at: number): Promise<number | undefined> {
    if (!isText || split === 'line') return nextRecord(source, at, lineEnd)
    if (split === 'blank line') return nextParagraph(source, at)
    if (split !== 'file') return nextRecord(source, at, separatorOf(split))
    return pieceCut(source, Math.ceil(at / pieceBytes) * pieceBytes, pieceBytes)
  }
}

/** Bytes that are looked at first. */
const shortWindow = 1 << 16

async function nextRecord(source: ByteSource, at: number, separator: Uint8Array): Promise<number | undefined> {
  const width = separator.length
  const from = Math.max(at - width, 0)
  if (width === 1) {
    // Most lines end within a short window, and a line end is never found by half.
    const found = find(await source.read(from, from + shortWindow), separator, 0)
    if (found >= 0) return from + found + 1 < source.size ? from + found + 1 : undefined
  }
  for await (const batch of recordsOf(source.chunks(from), separator, { offset: from, longest: 0 })) {
    for (const { offset } of batch) {
      if (offset === from) continue
      if (offset >= source.size) return undefined
      // A separator that lies across a cut would not be seen on either side.
      const around = await source.read(offset - width + 1, offset + width - 1)
      if (find(around, separator, 0) < 0) return offset
    }
  }
  return undefined
}

async function nextParagraph(source: ByteSource, at: number): Promise<number | undefined> {
  let isFirst = true
  for await (const batch of recordsOf(source.chunks(at), lineEnd, { offset: at, longest: 1 << 16 })) {
    for (const { offset, bytes, length } of batch) {
      // The line that lies at `at` may have begun before.
      const end = offset + length + lineEnd.length
      if (!isFirst && bytes.length === length && isBlank(bytes)) return end < source.size ? end : undefined
      isFirst = false
    }
  }
  return undefined
}

async function rowParts(source: ByteSource, targetBytes: number): Promise<readonly Part[]> {
  let file: Awaited<ReturnType<typeof openParquet>>
  try {
    file = await openParquet(source)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    // Reading it says what is wrong.
    return [{ unit: 'rows', start: 0, end: 0 }]
  }
  const parts: Part[] = []
  let start = 0
  let bytes = 0
  for (const group of file.rowGroups) {
    if (bytes > 0 && bytes + group.bytes > targetBytes) {
      parts.push({ unit: 'rows', start, end: group.start })
      start = group.start
      bytes = 0
    }
    bytes += group.bytes
  }
  parts.push({ unit: 'rows', start, end: file.rows })
  return parts
}
