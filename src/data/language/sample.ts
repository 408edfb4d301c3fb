import { ConfigError } from '../../base/index.ts'

/** Pieces that a sample consists of. */
const pieces = 3

/**
 * A piece from the first, the middle and the last third of a text, set apart by line ends, so that what is said of a text
 * costs the same however long it is. Pieces begin and end at white space where there is some nearby. A text that is not
 * longer than the sample is its own sample.
 *
 * @param length code units of all pieces together, from 30 on; at most a third more is given
 * Cost: a microsecond or less.
 * @throws ConfigError when `length` is not a whole number from 30 on
 *
 * @example
 * sampleOf('short', 300) // 'short'
 * sampleOf('one two '.repeat(1000), 300).length // 302
 */
export function sampleOf(text: string, length: number): string {
  if (!Number.isSafeInteger(length) || length < 30) {
    throw new ConfigError(`sampleOf: length must be a whole number from 30 on, got ${length}`)
  }
  if (text.length <= length) return text
  const size = Math.floor(length / pieces)
  const third = text.length / pieces
  let sample = ''
  let from = 0
  for (let i = 0; i < pieces; i++) {
    const start = Math.max(from, nextBreak(text, Math.floor(i * third + (third - size) / 2), size))
    from = nextBreak(text, Math.min(text.length, start + size), Math.floor(size / pieces))
    sample += i === 0 ? text.slice(start, from) : `\n${text.slice(start, from)}`
  }
  return sample
}

/** The first white space from `at` on, within `reach`; else `at`, or the code unit before where that cuts a character. */
function nextBreak(text: string, at: number, reach: number): number {
  const end = Math.min(text.length, at + reach)
  for (let i = at; i < end; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) return i
  }
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0 ? at - 1 : at
}
