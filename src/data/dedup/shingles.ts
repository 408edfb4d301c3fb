import { scattered } from '../../base/index.ts'

// Runs of words by a rolling polynomial: h(w₁ … wₙ) = Σ wᵢ · cⁿ⁻ⁱ mod 2³², then mixed one to one. The words come as hashes
// that are mixed already, so unequal runs agree with a probability of about 2⁻³².

/** 1 more than a multiple of 4, so that runs of one word repeated lose no more bits than they must. */
const multiplier = 0x6ac690c5

/** How many runs of `size` words there are; a text with fewer words is one run. */
export const shingleCount = (words: number, size: number): number => (words === 0 ? 0 : Math.max(1, words - size + 1))

/**
 * Writes the hash of each run of `size` words, or of all words when they are fewer.
 *
 * @param words hashes of words in order
 * @param from, to which runs: 0 ≤ from ≤ to ≤ {@link shingleCount}
 * @param out where run `from` is written at 0
 */
export function shingles(words: Uint32Array, size: number, from: number, to: number, out: Uint32Array): void {
  const length = Math.min(size, words.length)
  let hash = 0
  let leaving = 1
  for (let i = 0; i < length - 1; i++) {
    hash = (Math.imul(hash, multiplier) + words[from + i]) | 0
    leaving = Math.imul(leaving, multiplier)
  }
  for (let i = from; i < to; i++) {
    hash = (Math.imul(hash, multiplier) + words[i + length - 1]) | 0
    out[i - from] = scattered(hash)
    hash = (hash - Math.imul(words[i], leaving)) | 0
  }
}
