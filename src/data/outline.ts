import { characterClass, characterClasses, classBeyond, smallLetters } from './character-classes.ts'

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

/**
 * The outline of a text. Nothing in it depends on the language; words of Chinese, Japanese, Thai, Lao, Khmer, Burmese and
 * Tibetan are single letters.
 *
 * Cost: some 4 ns a character.
 *
 * @example
 * const { words, lines, chunks } = outlineOf('One, two\n three')
 * words.count // 3
 * lines.count // 2
 * chunks // 3
 */
export function outlineOf(text: string): Outline {
  const classes = characterClasses()
  const small = smallLetters()
  const length = text.length
  reserve(length)
  const { starts, ends, hashes, lineStarts, lineEnds } = scratch
  let words = 0
  let lines = 0
  let bytes = length
  let letters = 0
  let numbers = 0
  let unspaced = 0
  let chunks = 0
  let letteredChunks = 0
  let longestNumber = 0
  let numberRun = 0
  let lineStart = 0
  let inWord = false
  let inChunk = false
  let hasLetter = false
  let hash = 0

  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    let kind = classes[unit]
    let width = 1
    let folded = small[unit]
    if (unit > 0x7f) {
      bytes += unit > 0x7ff ? 2 : 1
      if (kind === characterClass.surrogate) {
        const point = text.codePointAt(i)!
        // A half alone counts as U+FFFD, whose three bytes are counted already; a pair has four.
        if (point > 0xffff) {
          width = 2
          kind = classBeyond(point)
          folded = point
        } else kind = characterClass.other
      }
    }
    if (kind === characterClass.letter || kind === characterClass.number || kind === characterClass.mark) {
      if (kind === characterClass.letter) {
        letters++
        hasLetter = true
        numberRun = 0
      } else if (kind === characterClass.number) {
        numbers++
        if (++numberRun > longestNumber) longestNumber = numberRun
      }
      if (!inWord) {
        inWord = true
        starts[words] = i
        hash = 0x811c9dc5
      }
      hash = Math.imul(hash ^ folded, 0x01000193)
      inChunk = true
    } else {
      if (inWord) {
        inWord = false
        ends[words] = i
        hashes[words++] = scattered(hash)
      }
      if (kind === characterClass.unspaced) {
        letters++
        unspaced++
        numberRun = 0
        inChunk = true
        hasLetter = true
        starts[words] = i
        ends[words] = i + width
        hashes[words++] = scattered(Math.imul(0x811c9dc5 ^ folded, 0x01000193))
      } else if (kind === characterClass.space || kind === characterClass.lineEnd) {
        if (inChunk) {
          chunks++
          if (hasLetter) letteredChunks++
          inChunk = false
          hasLetter = false
        }
        if (kind === characterClass.lineEnd) {
          numberRun = 0
          lineStarts[lines] = lineStart
          lineEnds[lines++] = i
          if (unit === 0x0d && text.charCodeAt(i + 1) === 0x0a) i++
          lineStart = i + 1
        }
      } else {
        inChunk = true
        if (unit !== 0x2d && unit !== 0x2e && unit !== 0x28 && unit !== 0x29) numberRun = 0
      }
    }
    if (width === 2) i++
  }
  if (inWord) {
    ends[words] = length
    hashes[words++] = scattered(hash)
  }
  if (inChunk) {
    chunks++
    if (hasLetter) letteredChunks++
  }
  if (lineStart < length) {
    lineStarts[lines] = lineStart
    lineEnds[lines++] = length
  }
  return {
    text,
    lines: { count: lines, starts: lineStarts.slice(0, lines), ends: lineEnds.slice(0, lines) },
    words: {
      count: words,
      starts: starts.slice(0, words),
      ends: ends.slice(0, words),
      hashes: hashes.slice(0, words),
    },
    bytes,
    letters,
    numbers,
    unspaced,
    chunks,
    letteredChunks,
    longestNumber,
  }
}

/** Mixes all bits of a hash into all others (the finaliser of MurmurHash3, Appleby 2011). */
function scattered(hash: number): number {
  let x = hash
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/** Room that is used again for every text; what is given away is copied out of it. */
let scratch = emptyScratch(0)

function emptyScratch(size: number) {
  const [starts, ends, hashes, lineStarts, lineEnds] = Array.from({ length: 5 }, () => new Uint32Array(size))
  return { starts, ends, hashes, lineStarts, lineEnds }
}

/** A text of n code units has at most n words and n lines. */
function reserve(length: number): void {
  if (scratch.starts.length < length) scratch = emptyScratch(Math.max(1 << 14, 2 * length))
}
