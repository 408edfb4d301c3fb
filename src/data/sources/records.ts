import { GrowingBytes } from './growing-bytes.ts'

/** A piece of a stream between two separators. */
export interface RawRecord {
  /** Where it begins in the stream. */
  readonly offset: number
  /** To be used before the next batch is asked for; empty when `length` is larger than what was allowed. */
  readonly bytes: Uint8Array
  readonly length: number
}

/** A line feed; a carriage return before it is left for whoever reads the line. */
export const lineEnd = Uint8Array.of(10)

/**
 * Cuts a stream at each place where the separator stands, overlapping ones too (between them lies an empty record), so that
 * where records begin does not depend on where reading began. Records come in batches, in order; there is always a last
 * one, empty when the stream ends with a separator.
 *
 * Memory: the longest record that is allowed, a few times. A longer one comes without its bytes, and is never held.
 *
 * @param offset where the stream begins
 */
export async function* recordsOf(
  chunks: AsyncIterable<Uint8Array>,
  separator: Uint8Array,
  { offset = 0, longest = Number.POSITIVE_INFINITY }: { offset?: number; longest?: number },
): AsyncGenerator<RawRecord[]> {
  const waiting = new GrowingBytes()
  /** Where `waiting` begins in the stream. */
  let base = offset
  /** Where the record begins, before `waiting` when its beginning was given up. */
  let begin = offset
  /** Bytes of `waiting` that hold no separator's beginning any more. */
  let searched = 0
  const width = separator.length

  for await (const chunk of chunks) {
    waiting.push(chunk)
    const bytes = waiting.bytes()
    const batch: RawRecord[] = []
    let from = Math.max(begin - base, 0)
    for (let at = find(bytes, separator, searched); at >= 0; at = find(bytes, separator, at + 1)) {
      batch.push(record(bytes, base, begin, Math.max(base + at, begin), longest))
      from = at + width
      begin = base + from
    }
    if (batch.length > 0) yield batch
    // A separator may have begun in the last bytes.
    searched = Math.max(bytes.length - width + 1, 0)
    const held = begin < base || bytes.length - from - width >= longest ? searched : Math.min(from, searched)
    waiting.drop(held)
    searched -= held
    base += held
  }
  const bytes = waiting.bytes()
  yield [record(bytes, base, begin, Math.max(base + bytes.length, begin), longest)]
}

function record(bytes: Uint8Array, base: number, begin: number, end: number, longest: number): RawRecord {
  const length = end - begin
  const whole = begin >= base && length <= longest
  return { offset: begin, bytes: whole ? bytes.subarray(begin - base, end - base) : bytes.subarray(0, 0), length }
}

/** The first place at or behind `from` where the pattern stands whole, or −1. */
export function find(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  if (pattern.length === 1) return bytes.indexOf(pattern[0], from)
  const last = bytes.length - pattern.length
  for (let at = bytes.indexOf(pattern[0], from); at >= 0 && at <= last; at = bytes.indexOf(pattern[0], at + 1)) {
    let same = 1
    while (same < pattern.length && bytes[at + same] === pattern[same]) same++
    if (same === pattern.length) return at
  }
  return -1
}
