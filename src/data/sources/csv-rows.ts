import { GrowingBytes } from './growing-bytes.ts'

/** A row of CSV, or what stands there instead. */
export interface CsvRow {
  /** Rows before it, the header too. */
  readonly number: number
  /** To be used before the next batch is asked for. */
  readonly fields: readonly Uint8Array[]
  /** The row as it stands, or its beginning; to be used before the next batch is asked for. */
  readonly bytes: Uint8Array
  readonly length: number
  /** Why it is no row. */
  readonly broken?: string
}

const quote = 0x22
const lineFeed = 10
const carriageReturn = 13

/**
 * Rows of CSV (RFC 4180): fields in quotes may hold line ends, delimiters and doubled quotes; a quote within a field
 * without quotes is itself. Lines end with a line feed, with or without a carriage return. Where quotes are wrong the line
 * is no row, and reading goes on with the next line, so that one stray quote costs one line. Empty lines are no rows.
 *
 * @param atLeast bytes that are gathered before rows are looked for in them
 * Memory: the longest row that is allowed, a few times. Cost: each byte is looked at a few times at most.
 */
export async function* csvRows(
  chunks: AsyncIterable<Uint8Array>,
  {
    longest,
    delimiter,
    atLeast = 1 << 16,
  }: { longest: number; delimiter: number | ((head: Uint8Array) => number); atLeast?: number },
): AsyncGenerator<CsvRow[]> {
  const waiting = new GrowingBytes()
  let separator = typeof delimiter === 'number' ? delimiter : undefined
  let number = 0
  /** A row that was not whole is tried again when there is twice as much. */
  let wanted = atLeast
  /** Bytes of a line that is too long, of which nothing is held. */
  let skipped = 0
  let atStart = true

  function rows(isEnd: boolean): CsvRow[] {
    const batch: CsvRow[] = []
    const bytes = waiting.bytes()
    let at = atStart && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
    if (separator === undefined) separator = (delimiter as (head: Uint8Array) => number)(bytes.subarray(at))
    atStart = false
    const broken = (end: number, length: number, why: string) => {
      batch.push({ number: number++, fields: [], bytes: bytes.subarray(at, end), length, broken: why })
    }
    while (at < bytes.length) {
      const feed = bytes.indexOf(lineFeed, at)
      const line = feed < 0 ? bytes.length : feed + 1
      if (skipped > 0) {
        skipped += line - at
        if (feed >= 0) {
          broken(at, skipped, `${skipped} bytes without a line end; at most ${longest} are held (longestRecord)`)
          skipped = 0
        }
        at = line
        continue
      }
      const row = parseRow(bytes, at, separator, isEnd)
      if (row === 'more' && bytes.length - at <= longest && !isEnd) break
      if (typeof row !== 'string') {
        const length = row.end - at
        if (length > longest) broken(at, length, `${length} bytes; at most ${longest} are held (longestRecord)`)
        else if (row.fields.length > 1 || row.fields[0].length > 0 || row.quoted) {
          batch.push({ number: number++, fields: row.fields, bytes: bytes.subarray(at, row.end), length })
        }
        at = row.end
        continue
      }
      if (feed < 0 && !isEnd) {
        skipped = bytes.length - at
        at = bytes.length
        continue
      }
      broken(
        line,
        line - at,
        row === 'quotes'
          ? 'a quote stands behind the end of a field in quotes'
          : isEnd && bytes.length - at <= longest
            ? 'a field begins with a quote that never ends'
            : `a row of more than ${longest} bytes (longestRecord), or a quote that never ends`,
      )
      at = line
    }
    waiting.drop(at)
    wanted = Math.max(atLeast, 2 * waiting.length)
    if (isEnd && skipped > 0) {
      batch.push({
        number,
        fields: [],
        bytes: bytes.subarray(0, 0),
        length: skipped,
        broken: `${skipped} bytes without a line end`,
      })
    }
    return batch
  }

  for await (const chunk of chunks) {
    waiting.push(chunk)
    if (waiting.length < wanted) continue
    const batch = rows(false)
    if (batch.length > 0) yield batch
  }
  yield rows(true)
}

interface ParsedRow {
  readonly fields: Uint8Array[]
  /** Behind the line end. */
  readonly end: number
  /** Some field stood in quotes, so an empty one is meant. */
  readonly quoted: boolean
}

function parseRow(bytes: Uint8Array, from: number, delimiter: number, isEnd: boolean): ParsedRow | 'more' | 'quotes' {
  const fields: Uint8Array[] = []
  const size = bytes.length
  let quoted = false
  let at = from
  for (;;) {
    if (bytes[at] === quote && at < size) {
      quoted = true
      const begin = at + 1
      let doubled = 0
      let close = bytes.indexOf(quote, begin)
      while (close >= 0 && bytes[close + 1] === quote && close + 1 < size) {
        doubled++
        close = bytes.indexOf(quote, close + 2)
      }
      // What stands behind the quote says whether it is one of two.
      if (close < 0 || (close + 2 >= size && !isEnd)) return 'more'
      const field = bytes.subarray(begin, close)
      fields.push(doubled === 0 ? field : undoubled(field, doubled))
      at = close + 1
      if (bytes[at] === carriageReturn && (bytes[at + 1] === lineFeed || at + 1 === size)) at++
    } else {
      const begin = at
      while (at < size && bytes[at] !== delimiter && bytes[at] !== lineFeed) at++
      if (at === size && !isEnd) return 'more'
      const isReturn = at > begin && bytes[at - 1] === carriageReturn && bytes[at] !== delimiter
      fields.push(bytes.subarray(begin, isReturn ? at - 1 : at))
    }
    if (at >= size) return { fields, end: size, quoted }
    if (bytes[at] === lineFeed) return { fields, end: at + 1, quoted }
    if (bytes[at] !== delimiter) return 'quotes'
    at++
  }
}

function undoubled(field: Uint8Array, doubled: number): Uint8Array {
  const bytes = new Uint8Array(field.length - doubled)
  let to = 0
  for (let at = 0; at < field.length; at++) {
    bytes[to++] = field[at]
    if (field[at] === quote) at++
  }
  return bytes
}

/** The delimiter of a file: which of comma, semicolon, tab and bar its first line has most of, outside of quotes. */
export function csvDelimiter(head: Uint8Array): number {
  const counts = new Map([0x2c, 0x3b, 0x09, 0x7c].map((byte) => [byte, 0]))
  let inQuotes = false
  for (const byte of head) {
    if (byte === quote) inQuotes = !inQuotes
    else if (byte === lineFeed && !inQuotes) break
    else if (!inQuotes && counts.has(byte)) counts.set(byte, counts.get(byte)! + 1)
  }
  const [best] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))
  return best
}
