import { ConfigError } from '../../base/index.ts'
import type { Document } from '../index.ts'
import type { ByteStream } from './byte-stream.ts'
import type { Delivery } from './delivery.ts'
import { frontMatter } from './front-matter.ts'
import { GrowingBytes } from './growing-bytes.ts'
import type { Split } from './read-options.ts'
import { lineEnd, type RawRecord, recordsOf } from './records.ts'
import { type TextPiece, textPieces } from './text-pieces.ts'

export interface TextReading {
  readonly name: string
  readonly stream: ByteStream
  readonly delivery: Delivery
  /** Where the stream begins, and whether it ends with the file. */
  readonly offset: number
  readonly toEnd: boolean
  readonly longest: number
}

/** One document, or one for each piece of a large text. */
export async function* readWhole(
  { name, stream, delivery, offset, toEnd }: TextReading,
  pieceBytes: number,
  isMarkdown: boolean,
): AsyncGenerator<Document> {
  const documentOf = ({ offset: at, bytes }: TextPiece, isWhole: boolean): Document | undefined => {
    const id = isWhole ? name : `${name}@${at}`
    const text = delivery.decoded(id, bytes, at === 0)
    if (text === undefined) return undefined
    const { meta, body } = isMarkdown && at === 0 ? frontMatter(text) : { meta: {}, body: text }
    return delivery.document(id, body, isWhole ? meta : { ...meta, part: Math.floor(at / pieceBytes) })
  }
  let previous: TextPiece | undefined
  for await (const piece of textPieces(stream.chunks, pieceBytes, offset)) {
    const document = previous && documentOf(previous, false)
    previous = piece
    if (document !== undefined) yield document
  }
  if (stream.damage !== undefined) {
    return delivery.damaged(previous ? `${name}@${previous.offset}` : name, previous?.bytes ?? none, stream.damage)
  }
  const isWhole = toEnd && (previous === undefined || previous.offset === 0)
  const last = previous ?? (offset === 0 ? { offset, bytes: none } : undefined)
  const document = last && documentOf(last, isWhole)
  if (document !== undefined) yield document
}

const none = new Uint8Array(0)

/** A document for each line, run of lines, or what stands between separators. */
export async function* readSplit(reading: TextReading, split: Exclude<Split, 'file'>): AsyncGenerator<Document> {
  const { name, stream, delivery, offset, longest } = reading
  const records =
    split === 'blank line'
      ? paragraphs(recordsOf(stream.chunks, lineEnd, { offset, longest }), longest)
      : recordsOf(stream.chunks, separatorOf(split), { offset, longest })
  let last: { id: string; bytes: Uint8Array } | undefined
  for await (const batch of records) {
    for (const { offset: at, bytes, length } of batch) {
      const id = `${name}@${at}`
      if (length > longest) delivery.tooLong(id, length, longest)
      else if (!isBlank(bytes)) {
        // The last record before a damage is not whole; it comes alone, as the last of all.
        if (stream.damage !== undefined) last = { id, bytes: bytes.slice() }
        else {
          const text = delivery.decoded(id, withoutReturn(bytes), at === 0)
          const document = text === undefined ? undefined : delivery.document(id, text, {})
          if (document !== undefined) yield document
        }
      }
    }
  }
  if (stream.damage !== undefined) delivery.damaged(last?.id ?? name, last?.bytes ?? none, stream.damage)
}

/** @throws ConfigError for an empty separator, or one that is longer than a kilobyte */
export function separatorOf(split: Exclude<Split, 'file' | 'blank line'>): Uint8Array {
  if (split === 'line') return lineEnd
  const separator = new TextEncoder().encode(split.separator)
  if (separator.length === 0 || separator.length > 1024) {
    throw new ConfigError(`split: a separator has 1 to 1024 bytes, this one ${separator.length}`)
  }
  return separator
}

/** Joins lines that have no blank one between them; a line end stays between them, and none behind. */
async function* paragraphs(lines: AsyncIterable<RawRecord[]>, longest: number): AsyncGenerator<RawRecord[]> {
  const held = new GrowingBytes()
  let begin = -1
  let end = 0
  let tooLong = false
  const taken = (): RawRecord[] => {
    if (begin < 0) return []
    const length = end - begin
    const bytes = tooLong ? none : held.bytes().slice(0, length)
    held.drop(held.length)
    const record = { offset: begin, bytes, length: tooLong ? Math.max(length, longest + 1) : length }
    begin = -1
    tooLong = false
    return [record]
  }
  for await (const batch of lines) {
    for (const { offset, bytes, length } of batch) {
      if (length <= longest && isBlank(bytes)) {
        yield taken()
        continue
      }
      if (begin < 0) begin = offset
      end = offset + length
      tooLong ||= end - begin > longest
      if (tooLong) held.drop(held.length)
      else {
        held.push(bytes)
        held.push(lineEnd)
      }
    }
  }
  yield taken()
}

/** White space alone. */
export function isBlank(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte !== 0x20 && (byte < 9 || byte > 13)) return false
  }
  return true
}

/** A line without the carriage return that belongs to its end. */
export function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === 13 ? bytes.subarray(0, -1) : bytes
}
