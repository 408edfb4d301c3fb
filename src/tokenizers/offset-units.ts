import type { Encoding, OffsetUnit } from './encoding.ts'

/** Turns a place in a text into another unit. */
export type ConvertPlace = (place: number) => number

/** From code units to code points; undefined where they are the same. */
export function codePointsOf(text: string): ConvertPlace | undefined {
  if (!pairs.test(text)) return undefined
  const places = new Uint32Array(text.length + 1)
  let at = 0
  for (let i = 0; i < text.length; at++) {
    places[i] = at
    // No token begins or ends between the two halves.
    if ((text.charCodeAt(i++) & 0xfc00) === 0xd800) places[i++] = at
  }
  places[text.length] = at
  return (place) => places[place]
}

const pairs = /[\ud800-\udbff]/

/**
 * An encoding whose offsets count code points, in another unit.
 *
 * @param texts those that it is of, well formed
 */
export function withOffsetsIn(unit: OffsetUnit, encoding: Encoding, texts: readonly string[]): Encoding {
  const converters = texts.map((text) => fromCodePoints(text, unit))
  if (converters.every((convert) => convert === undefined)) return encoding
  const converted = (each: Encoding): Encoding => {
    const inUnit = (place: number, i: number) => converters[each.sequences[i]]?.(place) ?? place
    return {
      ...each,
      starts: each.starts.map(inUnit),
      ends: each.ends.map(inUnit),
      overflow: each.overflow.map(converted),
    }
  }
  return converted(encoding)
}

function fromCodePoints(text: string, unit: OffsetUnit): ConvertPlace | undefined {
  if (unit === 'codePoints' || (unit === 'codeUnits' && !pairs.test(text))) return undefined
  const places = [0]
  let at = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    at += unit === 'codeUnits' ? character.length : code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    places.push(at)
  }
  return (place) => places[place]
}
