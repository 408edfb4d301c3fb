import { philox } from '../../base/index.ts'
import { absent, type Kernel, read, type View, write } from './view.ts'

/** The 32-bit words of `size` elements: element i takes word i mod 4 of block ⌊i/4⌋. */
function wordsOf(size: number, seed: number, stream: number, step: View): Uint32Array {
  const words = new Uint32Array(Math.ceil(size / 4) * 4)
  const place = step === absent ? 0 : read(step)[0]
  for (let block = 0; block < words.length / 4; block++) {
    const high = Math.floor(block / 2 ** 32)
    philox(seed, Math.floor(seed / 2 ** 32), block, high, stream, place, words.subarray(block * 4, block * 4 + 4))
  }
  return words
}

/** 24 bits of a word as a fraction in [0, 1). */
const fraction = (word: number): number => (word >>> 8) * 2 ** -24

/** step? [1] → y: uniform in [low, high). */
export const randomUniform: Kernel = ([step = absent], [y], attributes) => {
  const [seed, stream, low, high] = attributes as number[]
  const size = y.elements.length
  const words = wordsOf(size, seed, stream, step)
  write(
    y,
    Float64Array.from({ length: size }, (_, i) => low + fraction(words[i]) * (high - low)),
  )
}

/** step? [1] → y: normal, from pairs of words (Box & Muller 1958): the cosine first, then the sine. */
export const randomNormal: Kernel = ([step = absent], [y], attributes) => {
  const [seed, stream, mean, deviation] = attributes as number[]
  const size = y.elements.length
  const words = wordsOf(size, seed, stream, step)
  const result = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const pair = i - (i % 2)
    const radius = Math.sqrt(-2 * Math.log(fraction(words[pair]) + 2 ** -24)) // in (0, 1]: never ln 0
    const angle = 2 * Math.PI * fraction(words[pair + 1])
    result[i] = mean + deviation * radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle))
  }
  write(y, result)
}
