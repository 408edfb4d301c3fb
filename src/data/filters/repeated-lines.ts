import type { Outline } from '../index.ts'
import { eachLine } from './lines.ts'

/** How much of a text are lines, or paragraphs, that were there before. */
export interface Repeated {
  /** Lines that hold a word, or paragraphs of them. */
  readonly parts: number
  /** Those that were there before. */
  readonly repeated: number
  /** Code units of all parts. */
  readonly characters: number
  /** Code units of those that were there before. */
  readonly repeatedCharacters: number
}

// Rooms that are used again for every text: of each part the first word, the word behind it, code units, hash.
let slots = new Int32Array(1 << 9)
let lineParts = emptyParts(1 << 8)
let paragraphParts = emptyParts(1 << 8)

function emptyParts(size: number) {
  const [from, end, characters, hashes] = Array.from({ length: 4 }, () => new Int32Array(size))
  return { from, end, characters, hashes }
}

/**
 * Counts lines and paragraphs that were there before. They are equal when their words are; lines without words do not
 * count. Paragraphs are set apart by lines without words.
 *
 * @example
 * repeatedLines(outlineOf('Yes.\nNo.\nYes!')).lines
 * // { parts: 3, repeated: 1, characters: 11, repeatedCharacters: 4 }
 */
export function repeatedLines(outline: Outline): { lines: Repeated; paragraphs: Repeated } {
  const { lines: spans, words } = outline
  const { hashes } = words
  if (lineParts.from.length < spans.count) {
    lineParts = emptyParts(2 * spans.count)
    paragraphParts = emptyParts(2 * spans.count)
  }
  const { from: starts, end: ends, characters, hashes: lineHashes } = lineParts
  const ofParagraphs = paragraphParts
  let lines = 0
  let paragraphs = 0
  let open = false
  eachLine(outline, (line, from, end) => {
    if (from === end) {
      open = false
      return
    }
    let hash = 0
    for (let i = from; i < end; i++) hash = Math.imul(hash, 0x9e3779b1) + hashes[i]
    starts[lines] = from
    ends[lines] = end
    characters[lines] = spans.ends[line] - spans.starts[line]
    lineHashes[lines] = hash
    if (!open) {
      ofParagraphs.from[paragraphs] = from
      ofParagraphs.characters[paragraphs] = 0
      ofParagraphs.hashes[paragraphs++] = 0
    }
    const last = paragraphs - 1
    ofParagraphs.end[last] = end
    ofParagraphs.characters[last] += characters[lines]
    ofParagraphs.hashes[last] = Math.imul(ofParagraphs.hashes[last], 0x9e3779b1) + hash
    lines++
    open = true
  })
  return { lines: countRepeated(hashes, lineParts, lines), paragraphs: countRepeated(hashes, ofParagraphs, paragraphs) }
}

function countRepeated(words: Uint32Array, parts: typeof lineParts, count: number): Repeated {
  let size = 16
  while (size < 2 * count) size *= 2
  if (slots.length < size) slots = new Int32Array(size)
  slots.fill(-1, 0, size)
  const { hashes, characters: sizes } = parts
  let repeated = 0
  let characters = 0
  let repeatedCharacters = 0
  for (let part = 0; part < count; part++) {
    characters += sizes[part]
    let slot = (hashes[part] ^ (hashes[part] >>> 16)) & (size - 1)
    while (slots[slot] >= 0 && !areEqual(words, parts, slots[slot], part)) slot = (slot + 1) & (size - 1)
    if (slots[slot] < 0) slots[slot] = part
    else {
      repeated++
      repeatedCharacters += sizes[part]
    }
  }
  return { parts: count, repeated, characters, repeatedCharacters }
}

function areEqual(words: Uint32Array, { from, end, hashes }: typeof lineParts, a: number, b: number): boolean {
  if (hashes[a] !== hashes[b] || end[a] - from[a] !== end[b] - from[b]) return false
  for (let i = from[a], j = from[b]; i < end[a]; i++, j++) if (words[i] !== words[j]) return false
  return true
}
