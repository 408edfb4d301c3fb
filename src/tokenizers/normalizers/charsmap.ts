import { FormatError } from '../../base/index.ts'
import { rootOf, step, valueAfter } from './double-array.ts'

/** Rules of normalization: what to write in place of a sequence of characters. */
export interface Charsmap {
  /**
   * The longest rule that applies.
   *
   * @param text well formed
   * @returns the code unit at which it ends, or −1 when no rule applies at `at`
   */
  longest(text: string, at: number): number
  /** What the rule that was last found writes. */
  readonly replacement: string
  /** What the shortest rule writes with which `part` begins; undefined when there is none. */
  shortest(part: string): string | undefined
}

const unasked = -2

/**
 * Reads SentencePiece's `precompiled_charsmap`: the length of a double array in bytes (u32, little-endian), the array from
 * UTF-8 to places in the rest, and the rest: replacements that each end with NUL.
 *
 * @param bytes may be empty: no rules
 * @param place how errors name where the bytes come from
 * @throws FormatError when the array does not fit
 *
 * @example
 * const map = readCharsmap(buildCharsmap([['ﬁ', 'fi']]))
 * map.longest('ﬁx', 0) // 1
 * map.replacement      // 'fi'
 */
export function readCharsmap(bytes: Uint8Array, place = 'precompiled_charsmap'): Charsmap {
  const { units, texts } = partsOf(bytes, place)
  const root = rootOf(units)
  /** For each code unit below the surrogates and above: where its bytes lead, −1 nowhere. */
  const places = new Int32Array(0x10000).fill(unasked)
  const values = new Int32Array(0x10000).fill(-1)
  const replacements = new Map<number, string>()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let value = -1

  function replacementAt(start: number): string | undefined {
    if (start > texts.length) return undefined
    let text = replacements.get(start)
    if (text === undefined) {
      const end = texts.indexOf(0, start)
      text = decoder.decode(texts.subarray(start, end < 0 ? texts.length : end) as Uint8Array<ArrayBuffer>)
      replacements.set(start, text)
    }
    return text
  }

  /** Takes the UTF-8 of a character; its value, or −1, is in `value`. */
  function take(from: number, character: number): number {
    if (character < 0x80) return takeLast(from, character)
    if (character < 0x800) return takeLast(step(units, from, 0xc0 | (character >> 6)), 0x80 | (character & 0x3f))
    let at = from
    if (character < 0x10000) at = step(units, at, 0xe0 | (character >> 12))
    else {
      at = step(units, at, 0xf0 | (character >> 18))
      if (at >= 0) at = step(units, at, 0x80 | ((character >> 12) & 0x3f))
    }
    if (at >= 0) at = step(units, at, 0x80 | ((character >> 6) & 0x3f))
    return takeLast(at, 0x80 | (character & 0x3f))
  }
  function takeLast(from: number, byte: number): number {
    value = -1
    if (from < 0) return -1
    const next = step(units, from, byte)
    if (next >= 0) value = valueAfter(units, from, byte)
    return next
  }

  const charsmap = {
    replacement: '',
    longest(text: string, at: number): number {
      const unit = text.charCodeAt(at)
      if (places[unit] === -1) return -1
      let end = -1
      let best = -1
      let next = at
      let from = root
      if (places[unit] >= 0) {
        from = places[unit]
        value = values[unit]
        next++
        if (value >= 0) {
          best = value
          end = next
        }
      }
      while (next < text.length) {
        const character = text.codePointAt(next)!
        from = take(from, character)
        next += character < 0x10000 ? 1 : 2
        if (next === at + 1) {
          places[unit] = from
          values[unit] = value
        }
        if (from < 0) break
        if (value >= 0) {
          best = value
          end = next
        }
      }
      if (end < 0) return -1
      const replacement = replacementAt(best)
      if (replacement === undefined) return -1
      charsmap.replacement = replacement
      return end
    },
    shortest(part: string): string | undefined {
      let from = root
      for (const character of part) {
        const code = character.codePointAt(0)!
        if (code === 0) return undefined
        from = take(from, code)
        if (value >= 0) return replacementAt(value)
        if (from < 0) return undefined
      }
      return undefined
    },
  }
  return charsmap
}

function partsOf(bytes: Uint8Array, place: string): { units: Uint32Array; texts: Uint8Array } {
  if (bytes.length === 0) return { units: new Uint32Array(0), texts: bytes }
  const fail = (reason: string): never => {
    throw new FormatError(`${place}: ${reason}`)
  }
  if (bytes.length < 4) fail(`${bytes.length} bytes are there, the length of the double array needs 4`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = view.getUint32(0, true)
  if (size % 4 !== 0) fail(`a double array of ${size} bytes, which is no multiple of 4`)
  if (4 + size >= bytes.length) fail(`a double array of ${size} bytes, but ${bytes.length - 4} bytes are left`)
  const units = new Uint32Array(size / 4)
  for (let i = 0; i < units.length; i++) units[i] = view.getUint32(4 + 4 * i, true)
  return { units, texts: bytes.subarray(4 + size) }
}
