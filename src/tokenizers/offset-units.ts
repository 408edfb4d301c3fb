import type { OffsetUnit } from './encoding.ts'

/** Turns a place in a text, in code units, into another unit; undefined when nothing changes. */
export function offsetConverter(text: string, unit: OffsetUnit): ((place: number) => number) | undefined {
  if (unit === 'codeUnits') return undefined
  const places = new Uint32Array(text.length + 1)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    places[i] = at
    const code = text.charCodeAt(i)
    if ((code & 0xfc00) === 0xd800) {
      // No token begins or ends between the two halves.
      places[++i] = at
      at += unit === 'bytes' ? 4 : 1
    } else at += unit === 'codePoints' || code < 0x80 ? 1 : code < 0x800 ? 2 : 3
  }
  places[text.length] = at
  return (place) => places[place]
}
