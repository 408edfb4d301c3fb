import { describe, expect, it } from 'vitest'
import { minHasher } from './minhash.ts'
import { measureRecall, recallBins } from './recall.ts'
import { chooseBands, sCurve } from './s-curve.ts'

describe('sCurve', () => {
  it('is the probability that some band agrees in all rows', () => {
    // By enumeration: each of 2 × 2 places agrees with s = 1/2; of 16 outcomes, 7 have a full band.
    expect(sCurve(0.5, { bands: 2, rows: 2 })).toBe(7 / 16)
    expect(sCurve(0, { bands: 14, rows: 8 })).toBe(0)
    expect(sCurve(1, { bands: 14, rows: 8 })).toBe(1)
    // FineWeb's paper gives these for 14 × 8 at 0.7, 0.75, 0.8 and 0.85: 56, 77, 92 and 98.8 %.
    const shares = [0.7, 0.75, 0.8, 0.85].map((s) => sCurve(s, { bands: 14, rows: 8 }))
    for (const [i, share] of [0.56, 0.77, 0.92, 0.988].entries()) expect(shares[i]).toBeCloseTo(share, 2)
    expect(() => sCurve(1.1, { bands: 1, rows: 1 })).toThrow('0 to 1')
  })
})

describe('chooseBands', () => {
  it.each([
    // What datasketch and text-dedup choose, which weigh both areas alike.
    [128, 0.5, 25, 5],
    [128, 0.8, 9, 13],
    [256, 0.7, 25, 10],
  ])('of %i hashes for %d: %i × %i', (hashes, threshold, bands, rows) => {
    expect(chooseBands(hashes, threshold)).toEqual({ bands, rows })
  })

  it('never takes more hashes than there are', () => {
    for (const hashes of [1, 2, 17, 112]) {
      for (const threshold of [0.01, 0.3, 0.99]) {
        const { bands, rows } = chooseBands(hashes, threshold)
        expect(bands * rows).toBeLessThanOrEqual(hashes)
        expect(bands * rows).toBeGreaterThan(0)
      }
    }
    expect(() => chooseBands(10, 1)).toThrow('threshold')
    expect(() => chooseBands(0, 0.5)).toThrow('hashes')
  })
})

describe('recall', () => {
  it.each([
    { bands: 14, rows: 8 },
    { bands: 20, rows: 5 },
  ])('follows the S-curve: $bands × $rows', (bands) => {
    for (const { pairs, expected, measured } of measureRecall(minHasher(), { ...bands, pairs: 4000, elements: 100 })) {
      // Four standard deviations of a binomial share, and a pair for the tails, where the share is no longer normal.
      const bound = 4 * Math.sqrt((expected * (1 - expected)) / pairs) + 1 / pairs
      expect(Math.abs(measured - expected), `${expected} expected, ${measured} measured`).toBeLessThanOrEqual(bound)
    }
  })

  it('is told by bins of similarity', () => {
    const pairs = [0.5, 0.99, 1].map((similarity) => ({ similarity, found: similarity > 0.6 }))
    const [low, high] = recallBins(pairs, { bands: 1, rows: 1 }, 2)
    expect(low).toEqual({ from: 0, to: 0.5, pairs: 0, expected: 0.25, measured: 0 })
    expect(high.pairs).toBe(3)
    expect(high.expected).toBeCloseTo((0.5 + 0.99 + 1) / 3)
    expect(high.measured).toBeCloseTo(2 / 3)
    expect(() => measureRecall(minHasher({ hashes: 10 }), { bands: 2, rows: 6 })).toThrow('10 hashes')
  })
})
