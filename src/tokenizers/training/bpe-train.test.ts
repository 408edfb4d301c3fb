import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesInOrder, bytesToCharacters } from '../byte-alphabet.ts'
import { readTokenizerJson } from '../files/read-tokenizer-json.ts'
import type { TieRule } from './bpe-learn.ts'
import { type TrainedBpe, trainBpe } from './bpe-train.ts'

const text =
  'low lower lowest, new newer newest; wide wider widest. Әліппе — әліп пен би: әріптер, сөздер, сөйлемдер. aaaa aaaaaaa'

const ascii = (character: string) => Uint8Array.of(character.charCodeAt(0))

/** Merges of Hugging Face tokenizers 0.23.2 on {@link text}: ByteLevel pieces, all bytes in the alphabet, 296 tokens. */
const golden =
  'a+a Ð+µ Ð+¿ w+e Ñ+Ģ d+e i+de l+o n+e s+t w+ide Ð+» Ñ+ĸ Ġ+Ó Ġ+ne Ġ+wide aa+aa Ðµ+ÑĢ Ñĸ+Ð¿ ©+Ð ´+ÐµÑĢ Ð+´ÐµÑĢ Ñ+ģ Ó+©Ð ' +
  'Ġ+lo Ġ+aaaa Ġ+Ñģ Ðµ+Ð we+r we+st Ð»+ÑĸÐ¿ ĠÓ+Ļ ĠÑģ+Ó©Ð ±+Ð ·+Ð´ÐµÑĢ ¹+Ð» ¼+Ð´ÐµÑĢ Ð+±Ð Ñ+Ĥ â+Ģ'

function spelled(tokenizer: TrainedBpe): string {
  const name = (id: number) => bytesToCharacters(tokenizer.bytesOf(id))
  return tokenizer.merges.map(([left, right]) => `${name(left)}+${name(right)}`).join(' ')
}

type Pair = [left: number, right: number]

/** Of pairs that occur equally often, listed as they are first seen, the one to merge. */
const chosen: Record<TieRule, (pairs: Pair[], bytesOf: (id: number) => string) => Pair> = {
  'lowest ids': (pairs) => pairs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])[0],
  // Characters of the strings are bytes, and compare as these.
  'greatest bytes': (pairs, bytesOf) =>
    pairs.reduce((a, b) => {
      const [left, right] = [bytesOf(b[0]), bytesOf(b[1])]
      return left > bytesOf(a[0]) || (left === bytesOf(a[0]) && right > bytesOf(a[1])) ? b : a
    }),
  'first seen': (pairs) => pairs[0],
}

/** Byte-pair encoding as its definition says: count everything in order, merge everywhere, again. */
function slowMerges(words: number[][], wanted: number, ties: TieRule, bytesOf: (id: number) => string): Pair[] {
  const merges: Pair[] = []
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
    const tied = [...counts].filter(([, count]) => count === most).map(([key]): Pair => [key >>> 16, key & 65535])
    const pair = chosen[ties](tied, bytesOf)
    const id = 256 + merges.length
    lists = lists.map((ids) => merged(ids, pair, id))
    merges.push(pair)
  }
  return merges
}

function merged(ids: readonly number[], [left, right]: Pair, id: number): number[] {
  const list: number[] = []
  for (let i = 0; i < ids.length; i++) {
    const hit = ids[i] === left && ids[i + 1] === right
    list.push(hit ? id : ids[i])
    if (hit) i++
  }
  return list
}

describe('trainBpe', () => {
  it("learns the merges of Hugging Face's trainer", () => {
    const tokenizer = trainBpe(text, { vocabSize: 296 })
    expect(spelled(tokenizer)).toBe(golden)
    expect([...tokenizer.encode('newest әліппе lowaaaaa')]).toEqual([264, 285, 287, 286, 258, 257, 280, 86, 272, 64])
  })

  it.each([
    'lowest ids',
    'greatest bytes',
    'first seen',
  ] as const)('agrees with the definition while no two pairs spell one token: %s', (ties) => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '!'), minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const text = words.join('\n')
        const trained = trainBpe(text, { vocabSize: 256 + 12, ties })
        // From where two pairs spell one token on, the ids differ.
        fc.pre(trained.vocabSize - 256 === trained.merges.length)
        const pieces = trained.parts.preTokenizer!.split({ text, isFirst: true })
        const lists = pieces.map((piece) => [...piece.text].map((c) => trained.idOf(bytesToCharacters(ascii(c)))!))
        const bytesOf = (id: number) => String.fromCharCode(...trained.bytesOf(id))
        expect(trained.merges).toEqual(slowMerges(lists, 12, ties, bytesOf))
      }),
      { numRuns: 300 },
    )
  })

  it('traces each merge, so that training can be repeated step by step', () => {
    const { report, merges } = trainBpe('abab abc\nabab', { vocabSize: 260, trace: true, pieces: 'cl100k' })
    expect(report.merges!.map(({ left, right }) => [left, right])).toEqual(merges)
    let lists = ['abab', ' abc', '\n', 'abab'].map((piece) => [...piece].map((c) => bytesInOrder.indexOf(ascii(c)[0])))
    for (const { left, right, id, count } of report.merges!) {
      const pairs = lists.flatMap((ids) => ids.slice(1).map((next, i) => [ids[i], next]))
      expect(pairs.filter(([l, r]) => l === left && r === right)).toHaveLength(count)
      lists = lists.map((ids) => merged(ids, [left, right], id))
    }
    expect(report.merges).toHaveLength(4)
    expect(trainBpe('ab', { vocabSize: 300 }).report).not.toHaveProperty('merges')
  })

  it('can give special tokens the first ids', () => {
    const options = { vocabSize: 300, specials: ['<|end|>', '<|pad|>'] }
    const first = trainBpe(text, { ...options, specialsFirst: true })
    const last = trainBpe(text, options)
    expect(first.specials).toEqual(
      new Map([
        ['<|end|>', 0],
        ['<|pad|>', 1],
      ]),
    )
    expect(first.merges).toEqual(last.merges.map(([left, right]) => [left + 2, right + 2]))
    expect(JSON.parse(first.definition()).model.vocab['<|pad|>']).toBe(1)
    const back = readTokenizerJson(first.definition())
    expect([...back.encode(text)]).toEqual([...first.encode(text)])
    expect([...first.encode(text)]).toEqual([...last.encode(text)].map((id) => id + 2))
    expect(() => trainBpe(text, { ...options, specials: ['a'] })).toThrow(/a is an ordinary token too/)
    expect(() => trainBpe(text, { ...options, specials: ['x', 'x'] })).toThrow(/named twice/)
  })

  it('learns from characters', () => {
    const trained = trainBpe('әлі әлі әлде', {
      vocabSize: 9,
      alphabet: 'characters',
      unkToken: '<unk>',
      specialsFirst: true,
    })
    // Of әл and " ә", which occur as often, the space has the lower id.
    expect(trained.report).toMatchObject({ askedTokens: 2, learnedTokens: 2 })
    expect(trained.merges.map((pair) => pair.map((id) => trained.tokenOf(id)))).toEqual([
      ['ә', 'л'],
      [' ', 'әл'],
    ])
    expect([...trained.encode('әлq')].map((id) => trained.tokenOf(id))).toEqual(['әл', '<unk>'])
    const few = { vocabSize: 9, alphabet: 'characters', initialAlphabet: ['z'], limitAlphabet: 3 } as const
    const limited = trainBpe('әлі әлі әлде', few)
    expect(limited.idOf('z')).toBe(0)
    expect(limited.idOf('д')).toBeUndefined()
    expect(() => trainBpe('abcdefghijk', { vocabSize: 9, alphabet: 'characters' })).toThrow(
      /11 characters \(see limitAlphabet\)/,
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
