import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../base/index.ts'
import { outlineOf } from '../index.ts'
import { estimateJaccard, minHasher } from './minhash.ts'
import { NearDuplicates, type NearOptions } from './near-duplicates.ts'
import { setsWithCommon, sharesBand } from './recall.ts'
import { sCurve } from './s-curve.ts'

const hasher = minHasher()
const ofText = (text: string) => hasher.ofWords(outlineOf(text).words.hashes)
const run = (signatures: Iterable<ArrayLike<number>>, options?: NearOptions) => {
  const near = new NearDuplicates(options)
  for (const signature of signatures) near.add(signature)
  return near.finish()
}
const isKept = (kept: Uint8Array, i: number) => ((kept[i >> 3] >> (i & 7)) & 1) === 1

describe('NearDuplicates', () => {
  it('finds pairs as often as the S-curve says', () => {
    const rng = random(3)
    for (const similarity of [0.5, 0.65, 0.7, 0.75, 0.8, 0.9]) {
      const pairs = 1000
      const sets = Array.from({ length: pairs }, () =>
        setsWithCommon(100 * similarity, 100, () => rng.integer(2 ** 32)),
      )
      const { dropped } = run(sets.flat().map(hasher.ofSet))
      const expected = sCurve(similarity, { bands: 14, rows: 8 })
      const bound = 4 * Math.sqrt(expected * (1 - expected) * pairs) + 1
      expect(Math.abs(dropped - expected * pairs), `J = ${similarity}`).toBeLessThan(bound)
    }
  })

  it('finds every copy, with and without verification', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => {
      const n = (i * 7919) % 1000
      return `This is text ${n}, and it says ${n * 17} and ${n * 31} and ${n ^ 0x155}.`
    })
    const firsts = texts.map((text) => texts.indexOf(text))
    for (const verify of [0, 0.8, 1]) {
      const { repeats } = run(texts.map(ofText), { verify })
      if (verify === 1) expect([...repeats]).toEqual(firsts)
      else for (const [i, first] of repeats.entries()) expect(first).toBeLessThanOrEqual(firsts[i])
      for (let i = 0; i < texts.length; i++) expect(repeats[i]).toBe(repeats[firsts[i]])
    }
  })

  it('is what comparing all pairs gives: connected components, the first of each stays', () => {
    const small = { bands: 4, rows: 2 }
    const signatures = fc.array(fc.array(fc.nat({ max: 2 }), { minLength: 8, maxLength: 8 }), { maxLength: 30 })
    fc.assert(
      fc.property(signatures, (all) => {
        const expected = components(all.length, (a, b) => sharesBand(all[a], all[b], small))
        const { repeats, kept, dropped, clusters, documents } = run(all, small)
        expect([...repeats]).toEqual(expected)
        expect(documents).toBe(all.length)
        for (const [i, first] of expected.entries()) expect(isKept(kept, i)).toBe(first === i)
        expect(dropped).toBe(expected.filter((first, i) => first !== i).length)
        expect(clusters).toBe(new Set(expected.filter((first, i) => first !== i)).size)
      }),
    )
  })

  it('never puts together what verification refuses, unless a chain leads there', () => {
    const small = { bands: 4, rows: 2, verify: 0.5 }
    const signatures = fc.array(fc.array(fc.nat({ max: 2 }), { minLength: 8, maxLength: 8 }), { maxLength: 30 })
    fc.assert(
      fc.property(signatures, (all) => {
        const linked = (a: number, b: number) =>
          sharesBand(all[a], all[b], small) && estimateJaccard(all[a], all[b]) >= 0.5
        const finest = components(all.length, linked)
        for (const [i, first] of run(all, small).repeats.entries()) expect(finest[i]).toBe(finest[first])
      }),
    )
  })

  it('sees with verification past documents that share a band without being similar', () => {
    const rows = (...values: number[]) => values
    // All share the first band and no other; 1 and 2 are similar, 0 is not.
    const all = [rows(1, 1, 2, 2, 3, 3), rows(1, 1, 4, 4, 5, 5), rows(1, 1, 4, 6, 5, 7)]
    const options = { bands: 3, rows: 2, verify: 0.6 }
    expect([...run(all, options).repeats]).toEqual([0, 1, 1])
    expect(run(all, options).refused).toBeGreaterThan(0)
    expect([...run(all, { bands: 3, rows: 2 }).repeats]).toEqual([0, 0, 0])
    // The third is similar to both others, which are not similar to each other.
    const bridge = [rows(1, 1, 2, 2, 8, 8), rows(1, 1, 5, 9, 5, 6), rows(1, 1, 2, 9, 8, 6)]
    expect([...run(bridge, options).repeats]).toEqual([0, 0, 0])
  })

  it('loses no key in a full table', () => {
    const keys = Array.from({ length: 40_000 }, (_, i) => [i])
    const { repeats } = run([...keys, ...keys], { bands: 1, rows: 1 })
    expect(repeats.subarray(40_000)).toEqual(repeats.subarray(0, 40_000))
    expect(repeats[39_999]).toBe(39_999)
  })

  it('leaves documents without words alone', () => {
    expect([...run([ofText(''), ofText('?!'), ofText('one'), ofText('one')]).repeats]).toEqual([0, 1, 2, 2])
  })

  it('compares 16 bits: signatures may be kept as such', () => {
    const texts = Array.from({ length: 500 }, (_, i) => `one two three four five ${i % 350} seven eight`)
    const signatures = texts.map(ofText)
    expect(run(signatures.map((all) => Uint16Array.from(all)))).toEqual(run(signatures))
  })

  it('takes at most 400 bytes a document', () => {
    const rng = random(1)
    const near = new NearDuplicates()
    const signature = new Uint16Array(112)
    for (let i = 1; i <= 20_000; i++) {
      for (let k = 0; k < 112; k++) signature[k] = rng.integer(65536)
      near.add(signature)
      // A block of 4096 signatures may just have been begun.
      if (i > 1000 && i % 10 === 0) expect(near.memoryBytes).toBeLessThan(400 * i + 4096 * 224)
    }
    expect(near.finish().dropped).toBe(0)
  })

  it('does bounded work for many unlike documents of one band', () => {
    const rng = random(2)
    const signatures = Array.from({ length: 20_000 }, () =>
      Uint16Array.from({ length: 112 }, (_, i) => (i < 8 ? 7 : rng.integer(65536))),
    )
    const { dropped, refused } = run(signatures, { verify: 0.5 })
    expect(dropped).toBe(0)
    expect(refused).toBeLessThanOrEqual(8 * signatures.length)
  })

  it('says what is wrong with options and signatures', () => {
    expect(() => new NearDuplicates({ bands: 0 })).toThrow('bands')
    expect(() => new NearDuplicates({ verify: 2 })).toThrow('verify')
    expect(() => new NearDuplicates().add(new Uint32Array(64))).toThrow('112 values, got 64')
  })
})

/** By the definition: what can be reached over linked pairs. */
function components(count: number, linked: (a: number, b: number) => boolean): number[] {
  const firsts = Array.from({ length: count }, (_, i) => i)
  for (let changed = true; changed; ) {
    changed = false
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < a; b++) {
        if (!linked(a, b) || firsts[a] === firsts[b]) continue
        firsts[a] = firsts[b] = Math.min(firsts[a], firsts[b])
        changed = true
      }
    }
  }
  return firsts
}
