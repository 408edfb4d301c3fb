import { describe, expect, it } from 'vitest'
import { philox, random } from './random.ts'

const words = (key: [number, number], counter: [number, number, number, number]) => {
  const out = new Uint32Array(4)
  philox(...key, ...counter, out)
  return [...out]
}

describe('philox', () => {
  it('gives the words of the known-answer tests of Random123', () => {
    expect(words([0, 0], [0, 0, 0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
    const f = 0xffffffff
    expect(words([f, f], [f, f, f, f])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
    expect(words([0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ])
  })

  it('takes negative words as their 32 bits', () => {
    expect(words([-1, -1], [-1, -1, -1, -1])).toEqual(words([2 ** 32 - 1, 2 ** 32 - 1], [2 ** 32 - 1, -1, -1, -1]))
  })
})

describe('random', () => {
  it('says the same for the same seed, and another for another seed or stream', () => {
    const take = (seed: number, stream?: number) => {
      const rng = random(seed, stream)
      return [rng.next(), rng.next(), rng.next()]
    }
    expect(take(1)).toEqual(take(1))
    const all = [take(1), take(2), take(1, 1), take(1 + 2 ** 32)].flat()
    expect(new Set(all).size).toBe(all.length)
  })

  it('goes on from a saved state as if it had not stopped', () => {
    const rng = random(42, 7)
    for (let i = 0; i < 5; i++) rng.next()
    const saved = JSON.parse(JSON.stringify(rng.state()))
    const onward = Array.from({ length: 10 }, () => rng.next())
    const resumed = random(saved)
    expect(Array.from({ length: 10 }, () => resumed.next())).toEqual(onward)
    expect(resumed.state()).toEqual(rng.state())
    expect(resumed.state().seed).toBe(42)
    expect(resumed.state().stream).toBe(7)
  })

  it('resumes beyond 2³² draws without repeating', () => {
    const far = random({ seed: 1, stream: 0, position: 2 ** 32 })
    expect(far.next()).not.toBe(random(1).next())
  })

  it('is uniform: mean and variance within five deviations of 1/2 and 1/12', () => {
    const rng = random(3)
    const size = 20_000
    const draws = Array.from({ length: size }, () => rng.next())
    const mean = draws.reduce((a, b) => a + b) / size
    const variance = draws.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / size
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / size))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / size)) // Var (x − ½)² = 1/80 − 1/144
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true)
  })

  it('draws every integer below the limit, and no other', () => {
    const rng = random(4)
    const draws = Array.from({ length: 1000 }, () => rng.integer(7))
    expect([...new Set(draws)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
