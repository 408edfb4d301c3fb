import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToCharacters } from '../byte-alphabet.ts'
import { type TrainedBpe, trainBpe } from './bpe-train.ts'

const text =
  'low lower lowest, new newer newest; wide wider widest. Әліппе — әліп пен би: әріптер, сөздер, сөйлемдер. aaaa aaaaaaa'

/** Merges of Hugging Face tokenizers 0.23.2 on {@link text}: ByteLevel pieces, all bytes in the alphabet, 296 tokens. */
const golden =
  'a+a Ð+µ Ð+¿ w+e Ñ+Ģ d+e i+de l+o n+e s+t w+ide Ð+» Ñ+ĸ Ġ+Ó Ġ+ne Ġ+wide aa+aa Ðµ+ÑĢ Ñĸ+Ð¿ ©+Ð ´+ÐµÑĢ Ð+´ÐµÑĢ Ñ+ģ Ó+©Ð ' +
  'Ġ+lo Ġ+aaaa Ġ+Ñģ Ðµ+Ð we+r we+st Ð»+ÑĸÐ¿ ĠÓ+Ļ ĠÑģ+Ó©Ð ±+Ð ·+Ð´ÐµÑĢ ¹+Ð» ¼+Ð´ÐµÑĢ Ð+±Ð Ñ+Ĥ â+Ģ'

function spelled(tokenizer: TrainedBpe): string {
  const name = (id: number) => bytesToCharacters(tokenizer.bytesOf(id))
  return tokenizer.merges.map(([left, right]) => `${name(left)}+${name(right)}`).join(' ')
}

/** Byte-pair encoding as its definition says: count everything, merge everywhere, again. Lowest ids first on ties. */
function slowMerges(words: number[][], wanted: number): [number, number][] {
  const merges: [number, number][] = []
  let lists = words
  while (merges.length < wanted) {
    const counts = new Map<number, number>()
    for (const ids of lists) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const key = ids[i] * 65536 + ids[i + 1]
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    if (counts.size === 0) break
    const most = Math.max(...counts.values())
    const best = Math.min(...[...counts].filter(([, count]) => count === most).map(([key]) => key))
    const pair: [number, number] = [Math.floor(best / 65536), best % 65536]
    const id = 256 + merges.length
    lists = lists.map((ids) => {
      const merged: number[] = []
      for (let i = 0; i < ids.length; i++) {
        const hit = ids[i] === pair[0] && ids[i + 1] === pair[1]
        merged.push(hit ? id : ids[i])
        if (hit) i++
      }
      return merged
    })
    merges.push(pair)
  }
  return merges
}

describe('trainBpe', () => {
  it("learns the merges of Hugging Face's trainer", () => {
    const tokenizer = trainBpe(text, { vocabSize: 296 })
    expect(spelled(tokenizer)).toBe(golden)
    expect([...tokenizer.encode('newest әліппе lowaaaaa')]).toEqual([264, 285, 287, 286, 258, 257, 280, 86, 272, 64])
  })

  it('agrees with the definition while no two pairs spell one token', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 })),
        (words) => {
          fc.pre(words.length > 0)
          const trained = trainBpe(words.join('\n'), { vocabSize: 256 + 12 })
          const lists = words.map((word) => [...word].map((c) => c.charCodeAt(0) - 33))
          const slow = slowMerges(lists, 12)
          // From where two pairs spell one token on, the ids differ.
          const distinct = trained.vocabSize - 256 === trained.merges.length
          fc.pre(distinct)
          expect(trained.merges.slice(0, slow.length)).toEqual(slow)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('does not depend on how the text is cut, and runs on a stream', async () => {
    const options = { vocabSize: 300, specials: ['<|end|>'] }
    const whole = trainBpe(text, options)
    const parts = text.match(/[\s\S]{1,7}/g)!
    const streamed = await trainBpe(
      (async function* () {
        yield* parts
      })(),
      options,
    )
    expect(trainBpe(parts, options).definition()).toBe(whole.definition())
    expect(streamed.definition()).toBe(whole.definition())
  })

  it('gives what the text has when fewer merges are possible than asked, and reports it', () => {
    const tokenizer = trainBpe('ab', { vocabSize: 1000, specials: ['<s>'] })
    expect(tokenizer.vocabSize).toBe(258)
    expect(tokenizer.specials.get('<s>')).toBe(257)
    expect(tokenizer.report).toEqual({ pieces: 1, distinctPieces: 1, askedTokens: 743, learnedTokens: 1 })
    expect(trainBpe('a', { vocabSize: 300 }).vocabSize).toBe(256)
    expect(trainBpe('abab ab', { vocabSize: 300, leastCount: 3 }).merges).toEqual([[64, 65]])
  })

  it('refuses empty text and a vocabulary without room', async () => {
    expect(() => trainBpe('', { vocabSize: 300 })).toThrow(/text is empty/)
    await expect(trainBpe((async function* () {})(), { vocabSize: 300 })).rejects.toThrow(/text is empty/)
    expect(() => trainBpe('a', { vocabSize: 256, specials: ['x'] })).toThrow(/257 at least/)
  })

  it('reports progress', () => {
    const seen: string[] = []
    trainBpe('abcabc', {
      vocabSize: 258,
      onProgress: ({ stage, done, total }) => seen.push(`${stage} ${done}/${total}`),
    })
    expect(seen).toEqual(['reading 6/undefined', 'merging 1/2', 'merging 2/2'])
  })
})
