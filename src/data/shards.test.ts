import { describe, expect, it } from 'vitest'
import { DataError, FormatError } from '../base/index.ts'
import { bpe, trainBpe } from '../tokenizers/index.ts'
import { batches } from './batches.ts'
import { encodeToShards, isValidation } from './encode-shards.ts'
import { type Folder, memoryFolder } from './folder.ts'
import { openShards } from './open-shards.ts'
import { documents } from './text.ts'

const texts = Array.from({ length: 50 }, (_, i) => `Document ${i}: the quick brown fox, әліппе 😀.\n`)
const tokenizer = trainBpe(texts, { vocabSize: 300, specials: ['<|end|>'] })
const end = tokenizer.specials.get('<|end|>')!
const wanted = texts.flatMap((text) => [...tokenizer.encode(text), end])
const options = { source: 'fifty', separator: '<|end|>', shardTokens: 100 }

async function encoded(folder: Folder, more: object = {}) {
  return encodeToShards(documents(texts), tokenizer, folder, { ...options, ...more })
}

describe('token shards', () => {
  it('hold the ids of all documents, readable at any place', async () => {
    const folder = memoryFolder()
    const { name, index, reused } = await encoded(folder)
    expect(reused).toBe(false)
    expect(index.splits.train).toMatchObject({ documents: 50, tokens: wanted.length })
    expect(index.splits.train.textBytes).toBe(new TextEncoder().encode(texts.join('')).length)
    expect(index.tokenBytes).toBe(2)
    const shards = await openShards(folder, name)
    expect(shards.length).toBe(wanted.length)
    expect([...(await shards.read(0, wanted.length))]).toEqual(wanted)
    for (const [start, count] of [
      [99, 2],
      [100, 100],
      [150, 333],
      [wanted.length - 1, 1],
      [7, 0],
    ]) {
      expect([...(await shards.read(start, count))]).toEqual(wanted.slice(start, start + count))
    }
    await expect(async () => shards.read(wanted.length - 1, 2)).rejects.toThrow(DataError)
    const row = await batches(shards, { batch: 3, tokens: 120, seed: 1 }).at(4)
    expect(row).toEqual(await batches(wanted, { batch: 3, tokens: 120, seed: 1 }).at(4))
  })

  it('are named by what they are made from, and made once', async () => {
    const folder = memoryFolder()
    const first = await encoded(folder)
    const again = await encodeToShards(
      // biome-ignore lint/correctness/useYield: a stream that must not be read
      (async function* () {
        throw new Error('read')
      })(),
      tokenizer,
      folder,
      options,
    )
    expect(again).toEqual({ ...first, reused: true })
    const other = bpe({ merges: [], specials: ['<|end|>'] })
    const names = [
      (await encoded(folder, { source: 'other' })).name,
      (await encoded(folder, { separator: undefined })).name,
      (await encoded(folder, { validation: { fraction: 0.5 } })).name,
      (await encodeToShards(documents(texts), other, folder, options)).name,
    ]
    expect(new Set([first.name, ...names]).size).toBe(5)
  })

  it('set whole documents aside, chosen by id and seed', async () => {
    const folder = memoryFolder()
    const validation = { fraction: 0.3, seed: 5 }
    const { name, index } = await encoded(folder, { validation })
    const isAside = texts.map((_, i) => isValidation(`document ${i}`, validation))
    const ids = (aside: boolean) =>
      texts.filter((_, i) => isAside[i] === aside).flatMap((text) => [...tokenizer.encode(text), end])
    for (const [split, aside] of [
      ['train', false],
      ['validation', true],
    ] as const) {
      const shards = await openShards(folder, name, split)
      expect([...(await shards.read(0, shards.length))]).toEqual(ids(aside))
    }
    expect(index.splits.validation?.documents).toBe(isAside.filter(Boolean).length)
    const many = Array.from({ length: 10_000 }, (_, i) => isValidation(`x/${i}.md`, validation)).filter(Boolean).length
    // Binomial(10,000, 0.3): standard deviation 46; five of them.
    expect(Math.abs(many - 3000)).toBeLessThan(230)
  })

  it('use four bytes for a large vocabulary', async () => {
    const names = Array.from({ length: 70_000 }, (_, i) => `<${i}>`)
    const large = bpe({ merges: [], specials: names })
    const folder = memoryFolder()
    const { name, index } = await encodeToShards(documents(['a']), large, folder, { source: 'x', separator: '<69999>' })
    expect(index.tokenBytes).toBe(4)
    const shards = await openShards(folder, name)
    expect([...(await shards.read(0, 2))]).toEqual([64, 256 + 69_999])
  })

  it('refuse what cannot be', async () => {
    const folder = memoryFolder()
    await expect(encodeToShards(documents([]), tokenizer, folder, options)).rejects.toThrow(/no text in fifty/)
    await expect(encodeToShards(documents(['']), tokenizer, folder, options)).rejects.toThrow(/no text in fifty/)
    await expect(encoded(folder, { separator: '<s>' })).rejects.toThrow(/<s> is no special token/)
    await expect(encoded(folder, { shardTokens: 0 })).rejects.toThrow(/shardTokens is 0/)
    await expect(openShards(folder, 'nothing')).rejects.toThrow(/nothing\/index.json is not there/)
    const { name } = await encoded(folder)
    await expect(openShards(folder, name, 'validation')).rejects.toThrow(/no validation/)
  })

  it('say what is damaged', async () => {
    const folder = memoryFolder()
    const { name, index } = await encoded(folder)
    const damaged = async (change: object, message: RegExp) => {
      await folder.write(`${name}/index.json`, new TextEncoder().encode(JSON.stringify({ ...index, ...change })))
      await expect(openShards(folder, name)).rejects.toThrow(FormatError)
      await expect(openShards(folder, name)).rejects.toThrow(message)
    }
    const { train } = index.splits
    await damaged({ version: 2 }, /index.json: version: expected 1, got 2/)
    await damaged({ format: 'x' }, /format/)
    await damaged({ tokenBytes: 3 }, /tokenBytes/)
    await damaged({ splits: { train: { ...train, tokens: 1 } } }, /is 1, but the shards hold/)
    await damaged(
      { splits: { train: { ...train, shards: [{ file: '../../x.bin', tokens: train.tokens }] } } },
      /shards\[0\]/,
    )
    await damaged(
      { splits: { train: { ...train, shards: [{ file: 'y.bin', tokens: train.tokens }] } } },
      /y.bin: is not there/,
    )
    await folder.write(`${name}/index.json`, new TextEncoder().encode('{'))
    await expect(openShards(folder, name)).rejects.toThrow(/not JSON/)
    await folder.write(
      `${name}/index.json`,
      new TextEncoder().encode(JSON.stringify({ ...index, vocabSize: 257, separator: undefined })),
    )
    const shards = await openShards(folder, name)
    await expect(async () => shards.read(0, shards.length)).rejects.toThrow(/id \d+ is not in the vocabulary of 257/)
    await folder.write(`${name}/train-00001.bin`, new Uint8Array(3))
    await expect(openShards(folder, name)).rejects.toThrow(/train-00001.bin: has 3 bytes; the index says 200/)
  })
})
