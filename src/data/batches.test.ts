import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../base/index.ts'
import { batches } from './batches.ts'
import { onePass } from './one-pass.ts'
import { splitTail, tokenSource } from './tokens.ts'

const ids = Uint32Array.from({ length: 1000 }, (_, i) => i * 3)

describe('batches', () => {
  it('are neighbouring ids, and targets are one further', async () => {
    const data = batches(ids, { batch: 4, tokens: 16, seed: 1 })
    const { inputs, targets, batch, tokens } = await data.at(0)
    expect([batch, tokens, inputs.length, targets.length]).toEqual([4, 16, 64, 64])
    for (let i = 0; i < 64; i++) expect(targets[i]).toBe(inputs[i] + 3)
    for (let i = 0; i < 64; i++) if (i % 16 > 0) expect(inputs[i]).toBe(inputs[i - 1] + 3)
  })

  it('depend on seed and step alone: alone, in order, or resumed, they are the same', async () => {
    const options = { batch: 2, tokens: 8, seed: 7 }
    const data = batches(ids, options)
    const first: number[][] = []
    for await (const { inputs } of data) if (first.push([...inputs]) === 5) break
    expect(new Set(first.map(String)).size).toBe(5)
    expect(data.state()).toEqual({ seed: 7, step: 5 })
    for (const [step, inputs] of first.entries()) {
      expect([...(await batches(ids, options).at(step)).inputs]).toEqual(inputs)
    }
    const resumed = batches(ids, { batch: 2, tokens: 8, state: { seed: 7, step: 3 } })
    expect([...(await resumed.next()).value.inputs]).toEqual(first[3])
    expect([...(await resumed.next()).value.inputs]).toEqual(first[4])
    // The cursor stays where a loop was left.
    expect([...(await data.next()).value.inputs]).toEqual([...(await resumed.next()).value.inputs])
    expect([...(await batches(ids, { ...options, seed: 8 }).at(0)).inputs]).not.toEqual(first[0])
    const late = batches(ids, { batch: 2, tokens: 8, state: { seed: 7, step: 2 ** 40 } })
    expect([...(await late.next()).value.inputs]).not.toEqual(first[0])
  })

  it('say where their rows lie', async () => {
    const data = batches(ids, { batch: 3, tokens: 8, seed: 7 })
    const { inputs } = await data.at(4)
    expect(data.startsOf(4)).toEqual([0, 1, 2].map((row) => inputs[row * 8] / 3))
    const second = batches(ids, { batch: 6, tokens: 8, seed: 7, share: { index: 1, of: 2 } })
    expect(second.startsOf(4)).toHaveLength(3)
    expect((await second.at(4)).inputs[8] / 3).toBe(second.startsOf(4)[1])
    expect(() => batches(ids, { batch: 3, tokens: 8, state: { seed: 7, step: 2, extraRows: -7 } })).toThrow(
      /extraRows is -7; expected a whole number from -6/,
    )
  })

  it('begin at every possible place equally often', async () => {
    // 5 ids, rows of 3 + 1: places 0 and 1.
    const data = batches(Uint32Array.of(0, 1, 2, 3, 4), { batch: 500, tokens: 3, seed: 3 })
    const starts = (await data.at(0)).inputs.filter((_, i) => i % 3 === 0)
    const ones = starts.filter((start) => start === 1).length
    expect(new Set(starts)).toEqual(new Set([0, 1]))
    // Binomial(500, 1/2) has a standard deviation of 11.2; five of them.
    expect(Math.abs(ones - 250)).toBeLessThan(56)
  })

  it('say how many tokens are needed', async () => {
    const few = new Uint32Array(38)
    expect(() => batches(few, { batch: 1, tokens: 128 })).toThrow(DataError)
    expect(() => batches(few, { batch: 1, tokens: 128 })).toThrow(
      '38 tokens, at least 129 are needed: shorten --tokens or give more text',
    )
    expect(() => batches(ids, { batch: 0, tokens: 8 })).toThrow(ConfigError)
    expect(() => batches(ids, { batch: 1, tokens: 1.5 })).toThrow(/tokens is 1.5/)
    // Exactly enough.
    const { inputs, targets } = await batches(ids.subarray(0, 9), { batch: 1, tokens: 8 }).at(0)
    expect([inputs[0], targets[7]]).toEqual([0, 24])
  })
})

describe('onePass', () => {
  it('has every token but the first once as a target, in order, and marks what fills up', async () => {
    const passes = await Array.fromAsync(onePass(ids, { batch: 4, tokens: 16 }))
    const targets = passes.flatMap((batch) => [...batch.targets])
    const inputs = passes.flatMap((batch) => [...batch.inputs])
    expect(targets.slice(0, 999)).toEqual([...ids.subarray(1)])
    expect(inputs.slice(0, 999)).toEqual([...ids.subarray(0, 999)])
    expect(targets.slice(999).every((target) => target === -1)).toBe(true)
    expect(targets.length).toBe(Math.ceil(999 / 64) * 64)
    expect(await Array.fromAsync(onePass(ids, { batch: 4, tokens: 16, most: 2 }))).toHaveLength(2)
    expect(await Array.fromAsync(onePass(ids.subarray(0, 65), { batch: 4, tokens: 16 }))).toHaveLength(1)
    expect(() => onePass(ids.subarray(0, 1), { batch: 1, tokens: 1 })).toThrow(DataError)
  })
})

describe('splitTail', () => {
  it('gives the end to validation, and to each side what one batch needs', async () => {
    const { train, validation } = splitTail(ids, { fraction: 0.2, atLeast: 17 })
    expect([train.length, validation.length]).toEqual([800, 200])
    expect([...(await validation.read(0, 2))]).toEqual([2400, 2403])
    expect(splitTail(ids, { fraction: 0.001, atLeast: 17 }).validation.length).toBe(17)
    expect(splitTail(ids, { fraction: 0.999, atLeast: 17 }).train.length).toBe(17)
    expect(() => splitTail(ids, { atLeast: 501 })).toThrow(/1000 tokens, at least 1002 are needed/)
  })

  it('takes arrays of any kind', async () => {
    for (const kind of [[1, 2, 3], Uint16Array.of(1, 2, 3), Int32Array.of(1, 2, 3)]) {
      expect(await tokenSource(kind).read(1, 2)).toEqual(Uint32Array.of(2, 3))
    }
  })
})
