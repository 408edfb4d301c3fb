import { describe, expect, it } from 'vitest'
import { ConfigError } from '../base/index.ts'
import { permutation } from './permutation.ts'

describe('permutation', () => {
  it('takes every place to another one, for every size', () => {
    for (const size of [1, 2, 3, 4, 5, 15, 16, 17, 100, 1000, 4097]) {
      const order = permutation(size, 7, 3)
      const seen = new Uint8Array(size)
      for (let place = 0; place < size; place++) seen[order(place)]++
      expect(seen.every((count) => count === 1)).toBe(true)
    }
  })

  it('depends on seed and number', () => {
    const orders = [permutation(50, 1), permutation(50, 2), permutation(50, 1, 1), permutation(50, 2 ** 40 + 1)]
    const texts = orders.map((order) => Array.from({ length: 50 }, (_, place) => order(place)).join())
    expect(new Set(texts).size).toBe(orders.length)
  })

  it('puts every place everywhere equally often', () => {
    const [size, orders] = [7, 7000]
    const counts = Array.from({ length: size * size }, () => 0)
    for (let seed = 0; seed < orders; seed++) {
      const order = permutation(size, seed)
      for (let place = 0; place < size; place++) counts[place * size + order(place)]++
    }
    // Chi-square with (7 − 1)² = 36 degrees of freedom: mean 36, standard deviation 8.5; five of them.
    const chi = counts.reduce((sum, count) => sum + (count - orders / size) ** 2 / (orders / size), 0)
    expect(chi).toBeLessThan(36 + 5 * 8.5)
  })

  it('works far beyond 32 bits, and says what cannot be', () => {
    const order = permutation(2 ** 45 + 3, 1)
    const places = Array.from({ length: 100 }, (_, place) => order(2 ** 44 + place))
    expect(new Set(places).size).toBe(100)
    expect(places.every((place) => Number.isSafeInteger(place) && place >= 0 && place < 2 ** 45 + 3)).toBe(true)
    for (const size of [0, 1.5, 2 ** 50]) expect(() => permutation(size, 1)).toThrow(ConfigError)
  })
})
