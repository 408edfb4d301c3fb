import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryFolder, openShards, planMix, type ShardIndex } from '../index.ts'
import { arrange, measureBlocks, type Split } from './arrange.ts'
import { Buckets } from './buckets.ts'
import { writeTokenBlock } from './token-block.ts'

const separator = 0

/** Documents in blocks: document number n is `length` times the id n + 1. */
async function blocksOf(lengths: readonly number[], blockSize: number) {
  const work = memoryFolder()
  const blocks: string[] = []
  for (let first = 0; first < lengths.length; first += blockSize) {
    const own = lengths.slice(first, first + blockSize)
    const name = `tokens/${blocks.length}`
    blocks.push(name)
    await writeTokenBlock(work, name, {
      ids: Uint16Array.from(own.flatMap((length, i) => Array(length).fill(first + i + 1))),
      lengths: Uint32Array.from(own),
      numbers: Uint32Array.from(own, (_, i) => first + i),
      sources: Uint16Array.from(own, (_, i) => (first + i) % 2),
      aside: Uint8Array.from(own, (_, i) => Number((first + i) % 5 === 4)),
      textBytes: Uint32Array.from(own, (length) => 3 * length),
    })
  }
  return { work, blocks }
}

async function arranged(
  lengths: readonly number[],
  options: {
    blockSize?: number
    bucketTokens?: number
    split?: Split
    seed?: number
    rowTokens?: number
    mixed?: boolean
  },
) {
  const { blockSize = 7, bucketTokens = 1e6, split = 'train', seed = 1, rowTokens, mixed = true } = options
  const { work, blocks } = await blocksOf(lengths, blockSize)
  const sizes = await measureBlocks(work, blocks, 2)
  const [even, odd] = sizes[split].bySource
  const output = memoryFolder()
  const done = await arrange({
    work,
    blocks,
    split,
    size: sizes[split],
    output,
    tokenBytes: 2,
    shardTokens: 50,
    separator,
    bucketTokens,
    rowTokens,
    ...(mixed && { mix: { plan: planMix({ even, odd }), seed } }),
  })
  const ids: number[] = []
  for (const { file, tokens } of done.split.shards) {
    const bytes = await output.read(file, 0, 2 * tokens)
    ids.push(...new Uint16Array(bytes.buffer))
  }
  return { ...done, ids, output, work }
}

const lengths = Array.from({ length: 60 }, (_, i) => 1 + ((i * 13) % 11))
const told = (ids: readonly number[]) => ids.filter((id) => id !== separator)
const inSplit = (split: Split) =>
  lengths.flatMap((n, i) => ((i % 5 === 4) === (split === 'validation') ? [[i + 1, n]] : []))

describe('arrange', () => {
  it('tells every document of the split once, whole, and a separator after each', async () => {
    for (const split of ['train', 'validation'] as const) {
      const { ids, split: shards } = await arranged(lengths, { split })
      const documents = inSplit(split)
      expect(shards.documents).toBe(documents.length)
      expect(shards.textBytes).toBe(documents.reduce((sum, [, length]) => sum + 3 * length, 0))
      const runs = ids
        .join()
        .split(`,${separator}`)
        .map((text) => text.replace(/^,/, ''))
        .filter((text) => text !== '')
      expect(runs.sort()).toEqual(documents.map(([id, length]) => Array(length).fill(id).join()).sort())
    }
  })

  it('does not depend on blocks, nor on how much fits into memory', async () => {
    const one = await arranged(lengths, {})
    expect(told(one.ids)).not.toEqual(told((await arranged(lengths, { mixed: false })).ids))
    for (const blockSize of [1, 3, 60]) {
      for (const bucketTokens of [10, 100, 1e6]) {
        expect((await arranged(lengths, { blockSize, bucketTokens })).ids).toEqual(one.ids)
      }
    }
    expect((await arranged(lengths, { seed: 2 })).ids).not.toEqual(one.ids)
  })

  it('keeps the order of the documents without a mix', async () => {
    const { ids } = await arranged(lengths, { mixed: false, bucketTokens: 20 })
    expect(told(ids)).toEqual(inSplit('train').flatMap(([id, length]) => Array(length).fill(id)))
  })

  it('packs rows, and leaves nothing behind in the folder of work', async () => {
    const { ids, split, filler, work } = await arranged(lengths, { rowTokens: 16, bucketTokens: 60 })
    expect(ids.length % 17).toBe(0)
    expect(split.tokens).toBe(ids.length)
    expect(told(ids).length).toBe(inSplit('train').reduce((sum, [, length]) => sum + length, 0))
    const inputs = inSplit('train').reduce((sum, [, length]) => sum + length + 1, 0)
    expect((ids.length / 17) * 16).toBe(inputs + filler)
    expect(await work.size('shuffle-train/0-0')).toBeUndefined()
  })

  it('gives what openShards reads', async () => {
    const { split, output } = await arranged(lengths, { rowTokens: 16 })
    const index: ShardIndex = {
      format: 'alippe-shards',
      version: 1,
      tokenizer: '',
      source: 'numbers',
      vocabSize: 100,
      tokenBytes: 2,
      separator,
      rowTokens: 17,
      splits: { train: split },
    }
    await output.write('set/index.json', new TextEncoder().encode(JSON.stringify(index)))
    for (const { file, tokens } of split.shards) {
      await output.write(`set/${file}`, await output.read(file, 0, 2 * tokens))
    }
    const shards = await openShards(output, 'set')
    expect([shards.length, shards.rowTokens, shards.separator]).toEqual([split.tokens, 17, 0])
  })
})

describe('Buckets', () => {
  it('give documents in the order of their keys, however little is held', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 2, maxExcluded: true, noNaN: true })),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        async (keys, bucketsPerStage, bufferTokens) => {
          const folder = memoryFolder()
          const buckets = new Buckets({ folder, path: 'b', stages: 2, bucketsPerStage, bufferTokens })
          for (const [i, key] of keys.entries()) await buckets.add({ key, ids: Uint32Array.of(i, i) })
          const out = []
          for (let bucket = 0; bucket < buckets.count; bucket++) out.push(...(await buckets.take(bucket)))
          const order = keys.map((_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b)
          expect(out.map(({ ids }) => ids[0])).toEqual(order)
        },
      ),
      { numRuns: 200 },
    )
  })
})
