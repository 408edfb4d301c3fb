import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { random } from '../../base/index.ts'
import { outlineOf } from '../index.ts'
import { estimateJaccard, minHasher } from './minhash.ts'
import { minimaModule } from './minhash-wasm.ts'
import { setsWithCommon } from './recall.ts'

const words = (text: string) => outlineOf(text).words.hashes
const draw = (seed: number) => {
  const rng = random(seed)
  return () => rng.integer(2 ** 32)
}

describe('minHasher', () => {
  it('uses vectors here', () => {
    expect(minHasher().engine).toBe('simd')
  })

  it('has the same values with vectors as by definition', () => {
    const sizes = fc.record({ hashes: fc.integer({ min: 1, max: 300 }), seed: fc.nat(), count: fc.nat({ max: 300 }) })
    fc.assert(
      fc.property(sizes, ({ hashes, seed, count }) => {
        const next = draw(seed)
        const set = Uint32Array.from({ length: count }, next)
        const [simd, plain] = (['simd', 'plain'] as const).map((engine) => minHasher({ hashes, seed, engine }))
        expect(simd.ofSet(set)).toEqual(plain.ofSet(set))
        expect(simd.ofWords(set)).toEqual(plain.ofWords(set))
      }),
      { numRuns: 60 },
    )
    // Longer than a window, and extremes of 32 bits.
    const next = draw(5)
    const long = Uint32Array.from({ length: 10_001 }, next)
    long.set([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])
    const [simd, plain] = (['simd', 'plain'] as const).map((engine) => minHasher({ engine }))
    expect(simd.ofSet(long)).toEqual(plain.ofSet(long))
    expect(simd.ofWords(long)).toEqual(plain.ofWords(long))
  })

  it('is the least value of each function, for a set that is known by heart', () => {
    // With one element, values are a·x + b: a and b follow from x = 0 and x = 1.
    const { ofSet, hashes } = minHasher({ hashes: 20 })
    const [b, ab] = [ofSet(Uint32Array.of(0)), ofSet(Uint32Array.of(1))]
    const set = Uint32Array.of(17, 0xdeadbeef, 12345)
    const expected = Array.from({ length: hashes }, (_, i) => {
      const a = BigInt(ab[i]) - BigInt(b[i])
      return [...set].map((x) => Number(BigInt.asUintN(32, a * BigInt(x) + BigInt(b[i])))).sort((p, q) => p - q)[0]
    })
    expect([...ofSet(set)]).toEqual(expected)
  })

  // |Ĵ − J| < 3 · sqrt(J(1 − J) / k) holds for 99.7 % of normal estimates; of n estimates so many may fail, and three
  // standard deviations of that number more. The mean over all has a deviation smaller by √n.
  it.each([
    [20, 0.1],
    [20, 0.5],
    [200, 0.5],
    [200, 0.8],
    [200, 0.95],
    [2000, 0.3],
  ])('estimates without bias: %i elements, J = %d', (elements, J) => {
    const [n, k] = [300, 112]
    const deviation = Math.sqrt((J * (1 - J)) / k)
    const next = draw(elements)
    let [sum, squares, outside] = [0, 0, 0]
    for (let seed = 0; seed < n; seed++) {
      const { ofSet } = minHasher({ seed })
      const [a, b] = setsWithCommon(Math.round(J * elements), elements, next).map(ofSet)
      const error = estimateJaccard(a, b) - J
      sum += error
      squares += error ** 2
      if (Math.abs(error) >= 3 * deviation) outside++
    }
    // Binomial tails are a little heavier than normal ones: 1 % instead of 0.27 % covers J = 0.1 and 0.95 with k = 112.
    expect(outside).toBeLessThan(0.01 * n + 3 * Math.sqrt(0.01 * n))
    expect(Math.abs(sum / n)).toBeLessThan((4 * deviation) / Math.sqrt(n))
    // The variance of an estimated variance is about 2σ⁴ / n.
    expect(Math.abs(squares / n / deviation ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
  })

  it('does not depend on order, repetition, capitals or punctuation', () => {
    const { ofWords, ofSet } = minHasher()
    expect(ofWords(words('One, two; three four five SIX!'))).toEqual(ofWords(words('one two three four five six')))
    expect(ofSet(Uint32Array.of(1, 2, 3, 2, 1))).toEqual(ofSet(Uint32Array.of(3, 2, 1)))
  })

  it('takes a text with fewer words than a shingle as one shingle', () => {
    const { ofWords } = minHasher()
    const similarity = (a: string, b: string) => estimateJaccard(ofWords(words(a)), ofWords(words(b)))
    expect(similarity('one two', 'One two.')).toBe(1)
    expect(similarity('one two', 'two one')).toBe(0)
    expect(similarity('one two', 'one two three')).toBe(0)
    expect(new Set(ofWords(words('!!!')))).toEqual(new Set([0xffffffff]))
  })

  it('tells how similar texts are: the shingles that they share', () => {
    const text = Array.from({ length: 400 }, (_, i) => `word${i}`)
    const changed = text.with(200, 'other')
    const { ofWords } = minHasher({ hashes: 4096 })
    // Five of 396 shingles hold the word that was changed.
    const J = 391 / 401
    const estimate = estimateJaccard(ofWords(words(text.join(' '))), ofWords(words(changed.join(' '))))
    expect(Math.abs(estimate - J)).toBeLessThan(3 * Math.sqrt((J * (1 - J)) / 4096))
  })

  it('falls back to the definition without WebAssembly, and says so when vectors were asked for', () => {
    const expected = minHasher().ofSet(Uint32Array.of(1, 2, 3))
    vi.stubGlobal('WebAssembly', undefined)
    try {
      const hasher = minHasher()
      expect(hasher.engine).toBe('plain')
      expect(hasher.ofSet(Uint32Array.of(1, 2, 3))).toEqual(expected)
      expect(() => minHasher({ engine: 'simd' })).toThrow('WebAssembly')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('refuses options that cannot be', () => {
    expect(() => minHasher({ hashes: 0 })).toThrow('hashes')
    expect(() => minHasher({ hashes: 5000 })).toThrow('4096')
    expect(() => minHasher({ shingle: 1.5 })).toThrow('shingle')
    expect(() => estimateJaccard([1], [1, 2])).toThrow('one length')
  })
})

it('the module of vectors is small enough that browsers compile it at once', () => {
  const validate = vi.spyOn(WebAssembly, 'validate')
  minimaModule(1)
  expect((validate.mock.calls[0][0] as Uint8Array).length).toBeLessThan(4096)
  validate.mockRestore()
})
