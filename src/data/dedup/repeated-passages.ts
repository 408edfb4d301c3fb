import { DataError } from '../../base/index.ts'
import { utf8Length } from '../index.ts'
import { repeatedRuns } from './repeated-runs.ts'

export interface PassageOptions {
  /** Bytes of UTF-8 that have to be there twice. Default 100. */
  readonly shortest?: number
  /** Default 2 · 10⁹: for 220 MB of text. */
  readonly memoryLimitBytes?: number
}

/**
 * Passages that were there before, in the same document or an earlier one; see {@link repeatedRuns}. Passages end with whole
 * characters.
 *
 * @returns for each text the spans to remove, in code units, as {@link withoutSpans} takes them
 * Memory: 9 bytes a byte of all texts together, beside the texts.
 * @throws DataError when it would take more memory than allowed
 * Source: Lee et al. 2022 §4.1.
 *
 * @example
 * const texts = ['All happy families', 'Are happy families alike?']
 * const [, second] = repeatedPassages(texts, { shortest: 15 })
 * withoutSpans(texts[1], second).text // 'Are alike?'
 */
export function repeatedPassages(
  texts: readonly string[],
  { shortest = 100, memoryLimitBytes = 2e9 }: PassageOptions = {},
): [number, number][][] {
  let size = 0
  const ends = texts.map((text) => (size += utf8Length(text)))
  if (9 * size > memoryLimitBytes) {
    throw new DataError(
      `repeatedPassages: ${size} bytes of text need ${9 * size} bytes of memory, more than the ${memoryLimitBytes} that are allowed: look at fewer documents at a time, or raise memoryLimitBytes`,
    )
  }
  const bytes = new Uint8Array(size)
  const encoder = new TextEncoder()
  for (const [i, text] of texts.entries()) encoder.encodeInto(text, bytes.subarray(i === 0 ? 0 : ends[i - 1]))
  const runs = repeatedRuns(bytes, { shortest, ends, memoryLimitBytes })
  let at = 0
  return texts.map((_, i) => {
    const spans: [number, number][] = []
    let [byte, unit] = [i === 0 ? 0 : ends[i - 1], 0]
    // Runs may touch at the border of two documents and then are one.
    for (; at < runs.length && runs[at] < ends[i]; at += 2) {
      const from = nextCharacter(bytes, runs[at])
      const end = Math.min(runs[at + 1], ends[i])
      const to = end === ends[i] ? end : characterOf(bytes, end)
      const start = unit + units(bytes, byte, from)
      if (to > from) spans.push([start, start + units(bytes, from, to)])
      if (to > from) [byte, unit] = [to, spans[spans.length - 1][1]]
      if (runs[at + 1] > ends[i]) {
        runs[at] = ends[i]
        break
      }
    }
    return spans
  })
}

/** The beginning of the character that a byte is in. */
function characterOf(bytes: Uint8Array, at: number): number {
  let start = at
  while (start > 0 && (bytes[start] & 0xc0) === 0x80) start--
  return start
}

function nextCharacter(bytes: Uint8Array, at: number): number {
  let start = at
  while (start < bytes.length && (bytes[start] & 0xc0) === 0x80) start++
  return start
}

/** Code units of whole characters: characters of four bytes have two. */
function units(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) {
    if ((bytes[i] & 0xc0) !== 0x80) count++
    if (bytes[i] >= 0xf0) count++
  }
  return count
}
