import type { Outline } from '../../index.ts'

/** What of a text a classifier looks at. */
export interface FeatureSettings {
  /** Features are hashed to 2^bits weights. */
  readonly bits: number
  /** Whether pairs of words are features beside words. */
  readonly pairs: boolean
  /** Characters in a row that are a feature; none when 0. */
  readonly characters: number
}

/** Places of features, in room that is used again: the first `count` of `places` are valid until the next call. */
export interface Features {
  places: Uint32Array
  count: number
}

/** Hashes the words, pairs of words and runs of characters of a text to places of weights. */
export function featuresOf(outline: Outline, { bits, pairs, characters }: FeatureSettings, out: Features): void {
  const { hashes } = outline.words
  const { text } = outline
  const shift = 32 - bits
  const most = hashes.length * 2 + (characters > 0 ? text.length : 0)
  if (out.places.length < most) out.places = new Uint32Array(2 * most)
  const { places } = out
  let count = 0
  let before = 0
  for (let i = 0; i < hashes.length; i++) {
    const hash = hashes[i]
    places[count++] = Math.imul(hash, 0x9e3779b1) >>> shift
    if (pairs && i > 0) places[count++] = Math.imul(Math.imul(before, 0x85ebca6b) ^ hash, 0xc2b2ae35) >>> shift
    before = hash
  }
  if (characters > 0) {
    // A polynomial over the last units: the oldest is taken out as a new one comes in.
    const factor = 0x01000193
    let oldest = 1
    for (let i = 0; i < characters; i++) oldest = Math.imul(oldest, factor)
    let hash = 0
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash, factor) + text.charCodeAt(i)
      if (i >= characters) hash -= Math.imul(oldest, text.charCodeAt(i - characters))
      if (i + 1 >= characters) places[count++] = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f) >>> shift
    }
  }
  out.count = count
}
