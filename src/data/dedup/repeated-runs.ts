import { ConfigError, DataError } from '../../base/index.ts'
import { commonPrefixes } from './common-prefixes.ts'
import { expectInteger } from './minhash.ts'
import { suffixArray } from './suffix-array.ts'

export interface RunOptions {
  /** Elements of a run that has to be there twice. */
  readonly shortest: number
  /** Where documents end, ascending; the last is the length of the sequence. Default: it is one document. */
  readonly ends?: readonly number[]
  /** What the suffix array and what belongs to it may take. Default 2 · 10⁹. */
  readonly memoryLimitBytes?: number
}

/**
 * What was there before, in a sequence of bytes or tokens: all places of runs of at least `shortest` elements that occur
 * earlier in the sequence, within one document each. Of each run its first occurrence is left alone, also where a later
 * one overlaps it: of a long row of one letter the first `shortest` letters stay.
 *
 * @returns `[2 · spans]` from and to of each span, ascending, apart from each other
 * Memory: 9 bytes a byte, or 12 a token, the sequence included; sequences that are made to need them take up to 4 more.
 * Cost: linear; some 2 to 10 MB/s, most of it waiting for memory.
 * @throws DataError when it would take more memory than allowed; ConfigError for options out of range
 * Source: Lee et al. 2022 §4.1 (their runs have 50 tokens).
 *
 * @example
 * const tokens = Uint32Array.of(1, 2, 3, 4, 9, 2, 3, 4)
 * repeatedRuns(tokens, { shortest: 3 }) // [5, 8]
 */
export function repeatedRuns(
  sequence: Uint8Array | Uint32Array,
  { shortest, ends = [sequence.length], memoryLimitBytes = 2e9 }: RunOptions,
): number[] {
  expectInteger('shortest', shortest, 1, 2 ** 31 - 1)
  expectEnds(ends, sequence.length)
  const memoryBytes = sequence.length * (8 + sequence.BYTES_PER_ELEMENT)
  if (memoryBytes > memoryLimitBytes || sequence.length >= 2 ** 31) {
    throw new DataError(
      `repeatedRuns: ${sequence.length} elements need ${memoryBytes} bytes of memory, more than the ${memoryLimitBytes} that are allowed: look at fewer documents at a time, or raise memoryLimitBytes`,
    )
  }
  const order = suffixArray(sequence)
  const prefixes = commonPrefixes(sequence, order)
  markShortRoom(prefixes, ends, shortest)
  findFirsts(order, prefixes, shortest)
  return spansOf(prefixes, shortest)
}

function expectEnds(ends: readonly number[], length: number): void {
  let before = 0
  for (const end of ends) {
    if (!Number.isInteger(end) || end < before)
      throw new ConfigError(`repeatedRuns: ends must ascend, got ${end} after ${before}`)
    before = end
  }
  if (before !== length) throw new ConfigError(`repeatedRuns: the last end must be ${length}, got ${before}`)
}

/** Complements the entries of places from which no run fits into their document. */
function markShortRoom(prefixes: Int32Array, ends: readonly number[], shortest: number): void {
  let start = 0
  for (const end of ends) {
    for (let p = Math.max(start, end - shortest + 1); p < end; p++) prefixes[p] = ~prefixes[p]
    start = end
  }
}

/** Replaces the entry of each place by the first place that has the same run, or −1 where this is the first or only one. */
function findFirsts(order: Int32Array, prefixes: Int32Array, shortest: number): void {
  const n = order.length
  for (let start = 0, end = 1; start < n; start = end, end++) {
    while (end < n && prefixLength(prefixes[order[end]]) >= shortest) end++
    // [start, end) in the order begin with the same elements.
    let first = n
    for (let i = start; i < end; i++) if (prefixes[order[i]] >= 0 && order[i] < first) first = order[i]
    for (let i = start; i < end; i++) {
      const p = order[i]
      prefixes[p] = prefixes[p] >= 0 && p > first ? first : -1
    }
  }
}

const prefixLength = (entry: number) => (entry < 0 ? ~entry : entry)

function spansOf(firsts: Int32Array, shortest: number): number[] {
  const spans: number[] = []
  for (let p = 0; p < firsts.length; p++) {
    if (firsts[p] < 0) continue
    const to = p + shortest
    let from = Math.max(p, firsts[p] + shortest)
    while (spans.length > 0 && spans[spans.length - 1] >= from) {
      from = Math.min(from, spans[spans.length - 2])
      spans.length -= 2
    }
    spans.push(from, to)
  }
  return spans
}
