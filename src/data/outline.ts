import { scattered } from '../base/index.ts'
import { characterClass, classBeyond, classedUnits } from './character-classes.ts'

/** Pieces of a text, in order. */
export interface Spans {
  readonly count: number
  /** `[count]` the code unit where each begins. */
  readonly starts: Uint32Array
  /** `[count]` the code unit behind each. */
  readonly ends: Uint32Array
}

/** The words of a text: runs of letters, marks and numbers; in scripts without spaces, each letter. */
export interface Words extends Spans {
  /** `[count]` 32 bits of each word's small letters: equal words have equal hashes. */
  readonly hashes: Uint32Array
}

/** What filters and deduplication look at, found in one pass over the text. */
export interface Outline {
  readonly text: string
  /** Lines without their ends; a text that ends with a line end has no empty line after it. */
  readonly lines: Spans
  readonly words: Words
  /** Bytes in UTF-8. */
  readonly bytes: number
  /** Characters that are letters, in any script. */
  readonly letters: number
  /** Characters that are numbers. */
  readonly numbers: number
  /** Letters of scripts that set no spaces between words. */
  readonly unspaced: number
  /** Runs of characters without white space between them: words with the marks that stand at them. */
  readonly chunks: number
  /** Chunks that hold a letter. */
  readonly letteredChunks: number
  /** The most numbers in a row, where spaces, hyphens, dots and brackets between them do not count: a telephone number has many. */
  readonly longestNumber: number
}

const { letter, number, mark, unspaced, space, lineEnd, surrogate } = characterClass
const wordPart = letter | number | mark
/** Marks two surrogates that are one character. */
const pair = 128

/** FNV-1a over 16-bit units (Fowler, Noll, Vo 1991): first value and factor. */
const hashStart = 0x811c9dc5
const hashFactor = 0x01000193

/**
 * The outline of a text. Nothing in it depends on the language; words of Chinese, Japanese, Thai, Lao, Khmer, Burmese and
 * Tibetan are single letters.
 *
 * The arrays are parts of larger ones that outlines share: to be read, not written to or handed over.
 *
 * Cost: some 5 ns a character, and less in long words.
 *
 * @example
 * const { words, lines, chunks } = outlineOf('One, two\n three')
 * words.count // 3
 * lines.count // 2
 * chunks // 3
 */
export function outlineOf(text: string): Outline {
  const table = classedUnits()
  const length = text.length
  const at = roomForUnits(length)
  const bytes = readUnits(text, at)
  const most = mostWordsAndLines(at, length)
  const { starts, ends, hashes, given: firstWord } = roomForWords(most.words)
  const { lineStarts, lineEnds, given: firstLine } = roomForLines(most.lines)
  let words = firstWord
  let lines = firstLine
  let letters = 0
  let numbers = 0
  let unspacedLetters = 0
  let chunks = 0
  let letteredChunks = 0
  let longestNumber = 0
  let numberRun = 0
  let lineStart = 0
  /** 1 inside of a chunk; in one that holds a letter. */
  let inChunk = 0
  let hasLetter = 0

  // Every turn takes a word, if one begins here, and the character behind it: at last the line end behind the text.
  for (let i = 0; i <= length; i++) {
    const start = i
    let entry = table[at[i]]
    if (entry & (wordPart | surrogate)) {
      let hash = hashStart
      let seen = 0
      for (;;) {
        while (entry & wordPart) {
          hash = Math.imul(hash ^ (entry >>> 16), hashFactor)
          seen |= entry
          entry = table[at[++i]]
        }
        if (!(entry & surrogate)) break
        entry = pairEntry(at, i)
        if (!(entry & wordPart)) break
        hash = Math.imul(Math.imul(hash ^ at[i], hashFactor) ^ at[i + 1], hashFactor)
        seen |= entry
        i += 2
        entry = table[at[i]]
      }
      if (i > start) {
        starts[words] = start
        ends[words] = i
        hashes[words++] = scattered(hash)
        inChunk = 1
        if ((seen & (wordPart | pair)) === letter) {
          letters += i - start
          hasLetter = 1
          numberRun = 0
        } else {
          for (let j = start; j < i; j++) {
            let kind = table[at[j]]
            if (kind & surrogate) kind = pairEntry(at, j++)
            if (kind & letter) {
              letters++
              hasLetter = 1
              numberRun = 0
            } else if (kind & number) {
              numbers++
              if (++numberRun > longestNumber) longestNumber = numberRun
            }
          }
        }
      }
    }

    if (entry & (space | lineEnd)) {
      chunks += inChunk
      letteredChunks += hasLetter
      inChunk = 0
      hasLetter = 0
      if (entry & lineEnd) {
        numberRun = 0
        if (i < length || lineStart < length) {
          lineStarts[lines] = lineStart
          lineEnds[lines++] = i
        }
        if (at[i] === 0x0d && i + 1 < length && at[i + 1] === 0x0a) i++
        lineStart = i + 1
      }
      continue
    }
    inChunk = 1
    if (entry & unspaced) {
      const width = entry & pair ? 2 : 1
      letters++
      unspacedLetters++
      hasLetter = 1
      numberRun = 0
      starts[words] = i
      ends[words] = i + width
      const hash = Math.imul(hashStart ^ at[i], hashFactor)
      hashes[words++] = scattered(width === 2 ? Math.imul(hash ^ at[i + 1], hashFactor) : hash)
    } else if (at[i] !== 0x2d && at[i] !== 0x2e && at[i] !== 0x28 && at[i] !== 0x29) numberRun = 0
    if (entry & pair) i++
  }
  wordRoom.given = words
  lineRoom.given = lines
  return {
    text,
    lines: {
      count: lines - firstLine,
      starts: lineStarts.subarray(firstLine, lines),
      ends: lineEnds.subarray(firstLine, lines),
    },
    words: {
      count: words - firstWord,
      starts: starts.subarray(firstWord, words),
      ends: ends.subarray(firstWord, words),
      hashes: hashes.subarray(firstWord, words),
    },
    bytes,
    letters,
    numbers,
    unspaced: unspacedLetters,
    chunks,
    letteredChunks,
    longestNumber,
  }
}

/** The class of the two surrogates at a place, marked as a pair; 0 where a half stands alone. */
function pairEntry(at: Uint16Array, i: number): number {
  const high = at[i]
  const low = at[i + 1]
  if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) return 0
  return classBeyond((high << 10) + low - 0x35fdc00) | pair
}

const encoder = new TextEncoder()
/** Texts up to this many code units are read through UTF-8, which the host writes and counts quickly. */
const shortText = 1 << 14
const byteRoom = new Uint8Array(3 * shortText)
let unitRoom = new Uint16Array(shortText + 1)

function roomForUnits(length: number): Uint16Array {
  // The room for a huge text is not kept.
  if (length > 1 << 22) return new Uint16Array(length + 1)
  if (unitRoom.length <= length) unitRoom = new Uint16Array(2 * length)
  return unitRoom
}

/** Copies the code units and a line end behind them, and gives the bytes in UTF-8. */
function readUnits(text: string, at: Uint16Array): number {
  const { length } = text
  at[length] = 0x0a
  if (length <= shortText) {
    const { written } = encoder.encodeInto(text, byteRoom)
    if (written === length) at.set(byteRoom.subarray(0, length))
    else for (let i = 0; i < length; i++) at[i] = text.charCodeAt(i)
    return written
  }
  let bytes = length
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    at[i] = unit
    bytes += Number(unit > 0x7f) + Number(unit > 0x7ff)
    // A pair has four bytes and not three for each half.
    if ((unit & 0xfc00) === 0xdc00 && i > 0 && (at[i - 1] & 0xfc00) === 0xd800) bytes -= 2
  }
  return bytes
}

// Words and lines are written into large rooms, and each outline gets its part of them, without a copy. Most texts are
// short, and five arrays for each of them would cost as much as all the rest.
let wordRoom = emptyWordRoom(1 << 15)
let lineRoom = emptyLineRoom(1 << 15)

function emptyWordRoom(size: number) {
  return { starts: new Uint32Array(size), ends: new Uint32Array(size), hashes: new Uint32Array(size), given: 0 }
}

function emptyLineRoom(size: number) {
  return { lineStarts: new Uint32Array(size), lineEnds: new Uint32Array(size), given: 0 }
}

/** At most so many words and lines are in the code units: in short texts each may be one, long ones are counted. */
function mostWordsAndLines(at: Uint16Array, length: number): { words: number; lines: number } {
  if (length <= shortText) return { words: length, lines: length + 1 }
  const table = classedUnits()
  let words = 0
  let lines = 1
  let before = 0
  for (let i = 0; i < length; i++) {
    const now = table[at[i]] & (wordPart | surrogate | unspaced | lineEnd)
    if (now & lineEnd) lines++
    else if (now !== 0 && (before === 0 || now & (surrogate | unspaced) || before & (surrogate | unspaced | lineEnd)))
      words++
    before = now
  }
  return { words, lines }
}

/** The room, or a new one, where so many words fit. */
function roomForWords(count: number): typeof wordRoom {
  if (wordRoom.given + count > wordRoom.starts.length) wordRoom = emptyWordRoom(Math.max(1 << 15, count))
  return wordRoom
}

/** The same for lines. */
function roomForLines(count: number): typeof lineRoom {
  if (lineRoom.given + count > lineRoom.lineStarts.length) lineRoom = emptyLineRoom(Math.max(1 << 15, count))
  return lineRoom
}
