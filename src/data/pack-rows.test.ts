import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../base/index.ts'
import { batches } from './batches.ts'
import { onePass } from './one-pass.ts'
import { bestFit, packRows } from './pack-rows.ts'
import type { TokenSource } from './tokens.ts'

const separator = 0

function packedSource(documents: readonly number[][], tokens: number): TokenSource & { rows: number } {
  const { ids, rows } = packRows(documents, { tokens, separator })
  const read = (start: number, count: number) => ids.slice(start, start + count)
  return { length: ids.length, rowTokens: tokens + 1, separator, read, rows }
}

describe('bestFit', () => {
  it('puts every item into one bin, and none over the brim', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.nat(5), (lengths, some) => {
        const heads = Math.min(some, lengths.length)
        const bins = bestFit(lengths, 40, heads)
        expect(bins.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
        for (const [i, bin] of bins.entries()) {
          expect(bin.reduce((sum, item) => sum + lengths[item], 0)).toBeLessThanOrEqual(40)
          expect(bin.filter((item) => item < heads)).toEqual(i < heads ? [bin[0]] : [])
        }
      }),
    )
  })

  it('is what best fit does, item by item', () => {
    const plain = (lengths: readonly number[], capacity: number) => {
      const bins: { room: number; items: number[] }[] = []
      const order = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b)
      for (const item of order) {
        const fitting = bins.filter(({ room }) => room >= lengths[item])
        const least = Math.min(...fitting.map(({ room }) => room))
        // Of several with the same room, the one that came to it last.
        let bin = fitting.filter(({ room }) => room === least).at(-1)
        if (bin === undefined) bin = { room: capacity, items: [] }
        else bins.splice(bins.indexOf(bin), 1)
        bin.items.push(item)
        bin.room -= lengths[item]
        bins.push(bin)
      }
      return bins.map(({ items }) => items.sort((a, b) => a - b)).sort((a, b) => a[0] - b[0])
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70 })), (lengths) => {
        expect(bestFit(lengths, 70).sort((a, b) => a[0] - b[0])).toEqual(plain(lengths, 70))
      }),
    )
  })

  it('refuses what does not fit', () => {
    expect(() => bestFit([1, 9], 8)).toThrow(ConfigError)
    expect(() => bestFit([1, 9], 8)).toThrow('item 1 has length 9; at most 8 fits')
  })
})

describe('packRows', () => {
  const texts = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }), { maxLength: 20 })

  it('has every token of every document once as a target, seen from its own document alone', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 2, max: 12 }), async (documents, tokens) => {
        const source = packedSource(documents, tokens)
        if (source.rows === 0) {
          expect(documents.flat()).toEqual([])
          return
        }
        const pieces: { seen: number[]; targets: number[] }[] = []
        for await (const { inputs, targets, documents: places } of onePass(source, { batch: 3, tokens })) {
          for (let row = 0; row < 3; row++) {
            const here = [...Array(tokens).keys()].map((i) => row * tokens + i)
            for (const number of new Set(here.map((i) => places![i]))) {
              const mine = here.filter((i) => places![i] === number && targets[i] >= 0)
              if (mine.length > 0)
                pieces.push({ seen: mine.map((i) => inputs[i]), targets: mine.map((i) => targets[i]) })
            }
          }
        }
        const expected = documents
          .filter((ids) => ids.length > 0)
          .flatMap((ids) => {
            const whole = [separator, ...ids, separator]
            const cut: { seen: number[]; targets: number[] }[] = []
            for (let at = 0; at < whole.length - 1; at += tokens) {
              cut.push({
                seen: whole.slice(at, at + tokens).slice(0, whole.length - 1 - at),
                targets: whole.slice(at + 1, at + tokens + 1),
              })
            }
            return cut
          })
        const text = (list: typeof pieces) => list.map((piece) => JSON.stringify(piece)).sort()
        expect(text(pieces)).toEqual(text(expected))
      }),
      { numRuns: 300 },
    )
  })

  it('cuts no document that fits, and fills little', () => {
    const documents = Array.from({ length: 500 }, (_, i) => Array.from({ length: 1 + ((i * 37) % 60) }, () => 5))
    const { ids, rows, filler } = packRows(documents, { tokens: 64, separator })
    expect(filler / ids.length).toBeLessThan(0.05)
    const inputs = documents.reduce((sum, document) => sum + document.length + 1, 0)
    expect(rows * 64).toBe(inputs + filler)
  })

  it('refuses rows of one token', () => {
    expect(() => packRows([[1]], { tokens: 1, separator })).toThrow(/tokens is 1/)
  })
})

describe('batches of packed rows', () => {
  const documents = Array.from({ length: 40 }, (_, i) => Array.from({ length: 1 + ((i * 7) % 9) }, () => i + 1))
  const source = packedSource(documents, 8)
  const rowsOf = ({ inputs, tokens }: { inputs: Int32Array; tokens: number }) =>
    Array.from({ length: inputs.length / tokens }, (_, row) => inputs.slice(row * tokens, (row + 1) * tokens).join())

  it('have every row once an epoch, in another order each time', async () => {
    const stored = rowsOf((await Array.fromAsync(onePass(source, { batch: source.rows, tokens: 8 })))[0])
    const data = batches(source, { batch: 1, tokens: 8, seed: 4 })
    const epoch = async (number: number) => {
      const at = Array.from({ length: source.rows }, (_, i) => data.at(number * source.rows + i))
      return (await Promise.all(at)).flatMap(rowsOf)
    }
    const [first, second] = [await epoch(0), await epoch(1)]
    expect(first).not.toEqual(stored)
    expect(second).not.toEqual(first)
    for (const rows of [first, second]) expect([...rows].sort()).toEqual([...stored].sort())
    const inOrder = batches(source, { batch: source.rows, tokens: 8, order: 'stored' })
    expect(rowsOf(await inOrder.at(5))).toEqual(stored)
  })

  it('go on after an interruption with exactly the next rows, also from one epoch into the next', async () => {
    const options = { batch: 4, tokens: 8, seed: 9 }
    const data = batches(source, options)
    const seen = []
    for await (const batch of data) if (seen.push(batch) === 25) break
    const resumed = batches(source, { ...options, seed: 0, state: { seed: 9, step: 11 } })
    for (let step = 11; step < 25; step++) expect((await resumed.next()).value).toEqual(seen[step])
  })

  it('are shared by workers so that all together have the rows of one', async () => {
    for (const of of [1, 2, 4]) {
      const options = { batch: 4, tokens: 8, seed: 3 }
      const whole = rowsOf(await batches(source, options).at(17))
      const shares = Array.from({ length: of }, (_, index) => batches(source, { ...options, share: { index, of } }))
      const parts = await Promise.all(shares.map(async (share) => rowsOf(await share.at(17))))
      expect(whole.map((_, row) => parts[row % of][Math.floor(row / of)])).toEqual(whole)
    }
    expect(() => batches(source, { batch: 4, tokens: 8, share: { index: 0, of: 3 } })).toThrow(ConfigError)
    expect(() => batches(source, { batch: 4, tokens: 8, share: { index: 2, of: 2 } })).toThrow(/number 2/)
  })

  it('say for which rows documents were packed', () => {
    expect(() => batches(source, { batch: 1, tokens: 16 })).toThrow(/packed into rows of 8 tokens; give tokens: 8/)
    expect(() => batches(Uint32Array.of(1, 2, 3), { batch: 1, tokens: 1, packed: true })).toThrow(/no separator/)
  })
})
