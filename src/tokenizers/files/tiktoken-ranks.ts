import { FormatError } from '../../base/index.ts'
import { padding } from '../models/bpe/byte-hash.ts'
import { idLimit, TokenBytes } from '../models/bpe/token-bytes.ts'

/** The value of each base64 digit, −1 for what is none. */
const digits = new Int8Array(256).fill(-1)
;[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].forEach((digit, value) => {
  digits[digit.charCodeAt(0)] = value
})

const newline = 10
const carriageReturn = 13
const space = 32
const zero = 48
const equals = 61

/**
 * The tokens of a tiktoken file: on each line the bytes in base64, a space, and the rank, which is the id.
 *
 * @param name how messages name the file
 * @throws FormatError with the line that is wrong, and why
 */
export function readRanks(file: Uint8Array, name: string): TokenBytes {
  // Four digits make three bytes. Lines have 17 bytes or so; ids may leave holes.
  const bytes = new Uint8Array(file.length + padding)
  let places = new Int32Array(2 * (file.length >> 4) + 512)
  let size = 0
  let to = 0
  let at = 0
  while (at < file.length) {
    const first = at
    const start = to
    const groups = writeGroups(file, at, bytes, to)
    to += 3 * groups
    at += 4 * groups
    let word = 0
    for (let digit = digits[file[at]]; digit >= 0; digit = digits[file[++at]]) word = (word << 6) | digit
    const rest = (at - first) & 3
    if (rest === 2) {
      bytes[to++] = word >> 4
      if (file[at] === equals && file[at + 1] === equals) at += 2
    } else if (rest === 3) {
      bytes[to++] = word >> 10
      bytes[to++] = word >> 2
      if (file[at] === equals) at++
    }
    if (((at - first) & 3) !== 0 || at === first || file[at] !== space) {
      // Empty lines mean nothing.
      if (at === first && (file[at] === newline || file[at] === carriageReturn)) {
        at++
        continue
      }
      throw wrong(file, name, at, 'expected base64 of whole bytes, a space and a rank')
    }
    const rankStart = ++at
    let rank = 0
    for (; file[at] >= zero && file[at] < zero + 10 && rank < idLimit; at++) rank = 10 * rank + file[at] - zero
    if (rank >= idLimit) throw wrong(file, name, at, `the rank is out of range; ranks are below ${idLimit}`)
    if (at === rankStart || (at < file.length && file[at] !== newline && file[at] !== carriageReturn)) {
      throw wrong(file, name, at, 'expected a whole number as rank, and the end of the line')
    }
    if (2 * rank >= places.length) places = grown(places, Math.max(2 * rank + 2, 2 * places.length))
    if (places[2 * rank + 1] > 0) throw wrong(file, name, at, `rank ${rank} is taken by an earlier line`)
    places[2 * rank] = start
    places[2 * rank + 1] = to - start
    if (rank >= size) size = rank + 1
    at++
  }
  const tokens = TokenBytes.of(bytes, places, size)
  if (tokens.repeated >= 0) throw new FormatError(`${name}: the token of rank ${tokens.repeated} has another rank too`)
  return tokens
}

/**
 * Writes three bytes for each whole group of four base64 digits.
 *
 * A function of its own, because an engine makes a function that is called often fast sooner than a long loop.
 *
 * @returns how many groups there are from `at` on
 */
function writeGroups(file: Uint8Array, at: number, bytes: Uint8Array, to: number): number {
  for (let groups = 0; ; groups++, at += 4, to += 3) {
    const word =
      (digits[file[at]] << 18) | (digits[file[at + 1]] << 12) | (digits[file[at + 2]] << 6) | digits[file[at + 3]]
    // Past the end of the file, digits are undefined, and count for 0.
    if (word < 0 || at + 3 >= file.length) return groups
    bytes[to] = word >> 16
    bytes[to + 1] = word >> 8
    bytes[to + 2] = word
  }
}

function wrong(file: Uint8Array, name: string, at: number, reason: string): FormatError {
  let line = 1
  let start = 0
  for (let i = 0; i < Math.min(at, file.length); i++) {
    if (file[i] !== newline && !(file[i] === carriageReturn && file[i + 1] !== newline)) continue
    line++
    start = i + 1
  }
  return new FormatError(`${name}: line ${line}, column ${at - start + 1}: ${reason}`)
}

function grown(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const fresh = new Int32Array(length)
  fresh.set(old)
  return fresh
}
