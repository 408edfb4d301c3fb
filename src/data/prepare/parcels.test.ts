import { describe, expect, it } from 'vitest'
import { type Mix, planMix } from '../index.ts'
import { cutParcels, measureBlocks, packParcel, type Split } from './parcels.ts'
import type { TokenBlock } from './token-block.ts'

const separator = 0

/** Documents in blocks: document number n is `length` times the id n + 1. */
function blocksOf(lengths: readonly number[], blockSize: number): TokenBlock[] {
  const blocks: TokenBlock[] = []
  for (let first = 0; first < lengths.length; first += blockSize) {
    const own = lengths.slice(first, first + blockSize)
    blocks.push({
      ids: Uint16Array.from(own.flatMap((length, i) => Array(length).fill(first + i + 1))),
      lengths: Uint32Array.from(own),
      numbers: Uint32Array.from(own, (_, i) => first + i),
      sources: Uint16Array.from(own, (_, i) => (first + i) % 2),
      aside: Uint8Array.from(own, (_, i) => Number((first + i) % 5 === 4)),
      textBytes: Uint32Array.from(own, (length) => 3 * length),
    })
  }
  return blocks
}

interface Options {
  readonly blockSize?: number
  readonly shardTokens?: number
  readonly split?: Split
  readonly seed?: number
  readonly rowTokens?: number
  readonly isMixed?: boolean
}

/** Ids of the shards, one after another. */
function arranged(lengths: readonly number[], options: Options = {}) {
  const { blockSize = 7, shardTokens = 50, split = 'train', seed = 1, rowTokens, isMixed = true } = options
  const blocks = blocksOf(lengths, blockSize)
  const sizes = measureBlocks(blocks, 2)
  const [even, odd] = sizes[split].bySource
  const mix = isMixed ? { plan: planMix({ even, odd }), seed } : undefined
  const { parcels, documents, textBytes } = cutParcels(blocks, { split, size: sizes[split], mix, shardTokens })
  const idsOf = (block: number, start: number, length: number) => blocks[block].ids.subarray(start, start + length)
  const packed = parcels.map((parcel, number) => packParcel(parcel, idsOf, { separator, rowTokens, seed, number }))
  return {
    documents,
    textBytes,
    ids: packed.flatMap(({ ids }) => [...ids]),
    shards: packed.map(({ ids }) => ids.length),
    filler: packed.reduce((sum, { filler }) => sum + filler, 0),
  }
}

const lengths = Array.from({ length: 60 }, (_, i) => 1 + ((i * 13) % 11))
const told = (ids: readonly number[]) => ids.filter((id) => id !== separator)
const inSplit = (split: Split) =>
  lengths.flatMap((n, i) => ((i % 5 === 4) === (split === 'validation') ? [[i + 1, n]] : []))

describe('parcels', () => {
  it('tell every document of the split once, whole, and a separator after each', () => {
    for (const split of ['train', 'validation'] as const) {
      const { ids, documents, textBytes, shards } = arranged(lengths, { split })
      const expected = inSplit(split)
      expect(documents).toBe(expected.length)
      expect(textBytes).toBe(expected.reduce((sum, [, length]) => sum + 3 * length, 0))
      expect(shards.length).toBeGreaterThan(1)
      const runs = ids
        .join()
        .split(`,${separator}`)
        .map((text) => text.replace(/^,/, ''))
      const whole = expected.map(([id, length]) => Array(length).fill(id).join())
      expect(runs.filter((text) => text !== '').sort()).toEqual(whole.sort())
    }
  })

  it('do not depend on blocks; the order not on the size of shards', () => {
    const one = arranged(lengths)
    expect(told(one.ids)).not.toEqual(told(arranged(lengths, { isMixed: false }).ids))
    for (const blockSize of [1, 3, 60]) {
      for (const shardTokens of [10, 50, 1e6]) {
        expect(arranged(lengths, { blockSize, shardTokens }).ids).toEqual(one.ids)
      }
      for (const rowTokens of [8, 16]) {
        expect(arranged(lengths, { blockSize, rowTokens })).toEqual(arranged(lengths, { rowTokens }))
      }
    }
    expect(arranged(lengths, { seed: 2 }).ids).not.toEqual(one.ids)
  })

  it('keep the order of the documents without a mix', () => {
    const { ids } = arranged(lengths, { isMixed: false })
    expect(told(ids)).toEqual(inSplit('train').flatMap(([id, length]) => Array(length).fill(id)))
  })

  it('pack rows whole', () => {
    const { ids, shards, filler } = arranged(lengths, { rowTokens: 16, shardTokens: 60 })
    expect(shards.every((tokens) => tokens % 17 === 0)).toBe(true)
    expect(told(ids).length).toBe(inSplit('train').reduce((sum, [, length]) => sum + length, 0))
    const inputs = inSplit('train').reduce((sum, [, length]) => sum + length + 1, 0)
    expect((ids.length / 17) * 16).toBe(inputs + filler)
  })

  it('never span two stages', () => {
    const blocks = blocksOf(lengths, 7)
    const { train } = measureBlocks(blocks, 2)
    const [even, odd] = train.bySource
    const stages: Mix['stages'] = [
      { share: 1, weights: { even: 1 } },
      { share: 1, weights: { odd: 1 } },
    ]
    const mix = { plan: planMix({ even, odd }, { stages }), seed: 1 }
    const { parcels } = cutParcels(blocks, { split: 'train', size: train, mix, shardTokens: 40 })
    const stagesOf = parcels.map(({ keys }) => new Set(Array.from(keys, Math.floor)))
    expect(stagesOf.every((own) => own.size === 1)).toBe(true)
    const order = stagesOf.map(([stage]) => stage)
    expect(order).toEqual(order.toSorted())
    expect(new Set(order).size).toBe(2)
  })
})
