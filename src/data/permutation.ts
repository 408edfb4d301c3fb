import { ConfigError, philox } from '../base/index.ts'

/** Rounds of the network. Four are enough in the limit (Luby & Rackoff 1988), but not for a handful of places. */
const rounds = 8

/** Keeps these random words apart from those of other uses of the same seed. */
const purpose = 0x5aff1e

/**
 * Where place `i` of 0 … size − 1 goes in a random order: a bijection that is computed place by place, without a list.
 * Which order it is depends on seed and number alone.
 *
 * A balanced Feistel network over the next power of four, walked until it lands below `size`: at most four steps on
 * average. Source: Black & Rogaway 2002, "Ciphers with arbitrary finite domains", §3.
 *
 * @param number tells apart orders with the same seed, such as epochs
 * @throws ConfigError when size is not a whole number from 1 to 2^48
 *
 * @example
 * const order = permutation(5, 1)
 * const places = [0, 1, 2, 3, 4].map(order)
 * places.sort() // [0, 1, 2, 3, 4]
 */
export function permutation(size: number, seed: number, number = 0): (place: number) => number {
  if (!Number.isSafeInteger(size) || size < 1 || size > 2 ** 48) {
    throw new ConfigError(`permutation: size is ${size}; expected a whole number from 1 to 2^48`)
  }
  let half = 1
  while (4 ** half < size) half++
  const base = 2 ** half
  const words = new Uint32Array(4)
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32)]
  return (place) => {
    let x = place
    do {
      let left = Math.floor(x / base)
      let right = x % base
      for (let round = 0; round < rounds; round++) {
        philox(low, high, right, number, round, purpose, words)
        const mixed = (left ^ (words[0] % base)) >>> 0
        left = right
        right = mixed
      }
      x = left * base + right
    } while (x >= size)
    return x
  }
}
