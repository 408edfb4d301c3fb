import { letterRanges, numberRanges, spaceRanges } from './unicode-classes.ts'

/**
 * Cuts text into the pieces that merges never cross: GPT-2's pattern (Radford et al. 2019), as a hand-written scanner
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * with \s = White_Space. A run is cut after {@link longestPiece} code units, so that memory stays bounded.
 */

/** Kinds of code points; 0 is everything else. */
const letter = 1
const number = 2
const space = 3

/** Code units (UTF-16). No text that people write comes near it. */
export const longestPiece = 1 << 20

const kinds = new Uint8Array(0x110000)
function mark(ranges: string, kind: number): void {
  let at = 0
  const numbers = ranges.split(' ')
  for (let i = 0; i < numbers.length; i += 2) {
    const start = at + Number.parseInt(numbers[i], 36)
    at = start + Number.parseInt(numbers[i + 1], 36)
    kinds.fill(kind, start, at)
  }
}
mark(letterRanges, letter)
mark(numberRanges, number)
mark(spaceRanges, space)

/** Where the run of characters of one kind ends that reaches at least to `at`. */
function runEnd(text: string, at: number, limit: number, kind: number): number {
  while (at < limit) {
    const unit = text.charCodeAt(at)
    if ((unit & 0xfc00) !== 0xd800) {
      if (kinds[unit] !== kind) break
      at++
    } else {
      if (kinds[text.codePointAt(at)!] !== kind) break
      at += 2
    }
  }
  return at
}

/** The length of 's 't 'm 'd 're 've 'll at an apostrophe, or 0. */
function contraction(text: string, at: number, limit: number): number {
  if (at + 1 >= limit) return 0
  const a = text.charCodeAt(at + 1)
  if (a === 0x73 || a === 0x74 || a === 0x6d || a === 0x64) return 2
  if (at + 2 >= limit) return 0
  const b = text.charCodeAt(at + 2)
  const two = (a === 0x72 && b === 0x65) || (a === 0x76 && b === 0x65) || (a === 0x6c && b === 0x6c)
  return two ? 3 : 0
}

/**
 * Where the piece ends that begins at `at`.
 *
 * @param text well formed (no lone surrogates)
 * @param limit where the text ends
 */
export function pieceEnd(text: string, at: number, limit: number): number {
  const end = Math.min(limit, at + longestPiece)
  const unit = text.charCodeAt(at)
  if (unit === 0x27) {
    const length = contraction(text, at, limit)
    if (length > 0) return at + length
  }
  // A single space belongs to what follows, unless that is space too.
  const first = unit === 0x20 && at + 1 < limit ? at + 1 : at
  const kind = kinds[first === at && (unit & 0xfc00) !== 0xd800 ? unit : text.codePointAt(first)!]
  if (kind !== space) return runEnd(text, first, end, kind)
  const spaces = runEnd(text, at, end, space)
  // All but the last space, which belongs to what follows; at the end of the text, and of a cut run, all.
  return spaces === end || spaces - at === 1 ? spaces : spaces - 1
}

/** Receives a piece as a range of a text. */
export type OnPiece = (text: string, start: number, end: number) => void

/**
 * Calls `onPiece` for every piece.
 *
 * @example
 * const pieces = []
 * eachPiece('two words', (text, start, end) => pieces.push(text.slice(start, end)))
 * pieces // ['two', ' words']
 */
export function eachPiece(text: string, onPiece: OnPiece): void {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  for (let at = 0; at < whole.length; ) {
    const end = pieceEnd(whole, at, whole.length)
    onPiece(whole, at, end)
    at = end
  }
}

/** Below this many code units, parts are gathered first: many tiny parts must not cost a scan each. */
const gather = 1 << 15

/**
 * Pieces of a text that arrives in parts. A piece is given only when more text cannot change it, so the pieces do not
 * depend on where the parts were cut.
 *
 * @example
 * const pieces = []
 * const stream = pieceStream((text, start, end) => pieces.push(text.slice(start, end)))
 * for (const part of ['two wo', 'rds']) stream.push(part)
 * stream.end()
 * pieces // ['two', ' words']
 */
export function pieceStream(onPiece: OnPiece): { push(part: string): void; end(): void } {
  let kept = ''
  let fresh: string[] = []
  let freshLength = 0

  function scan(last: boolean): void {
    let text = kept + fresh.join('')
    fresh = []
    freshLength = 0
    // The other half of a character may come with the next part.
    const half = !last && (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800 ? text.slice(-1) : ''
    if (half !== '') text = text.slice(0, -1)
    text = text.toWellFormed()
    let at = 0
    while (at < text.length) {
      const end = pieceEnd(text, at, text.length)
      const undecided = end === text.length || (text.charCodeAt(at) === 0x27 && at + 3 > text.length)
      if (undecided && !last) break
      onPiece(text, at, end)
      at = end
    }
    kept = text.slice(at) + half
  }

  return {
    push(part) {
      fresh.push(part)
      freshLength += part.length
      if (freshLength >= gather) scan(false)
    },
    end: () => scan(true),
  }
}
