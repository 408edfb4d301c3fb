import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LearnWordPiecesOptions, learnWordPieces, type WordPieceMerge } from './learn-word-pieces.ts'

const defaults: LearnWordPiecesOptions = {
  vocabSize: 100,
  specials: [],
  continuingPrefix: '##',
  score: 'likelihood ratio',
  leastCount: 1,
  onMerge: () => {},
}

/** Training by its definition: all scores from the words as they are, the best pair merged everywhere, and again. */
function slowTokens(words: ReadonlyMap<string, number>, options: LearnWordPiecesOptions): string[] {
  const { continuingPrefix: prefix, vocabSize, leastCount } = options
  let lists = [...words].map(([word, count]) => ({
    tokens: [...word].map((character, i) => (i > 0 ? prefix : '') + character),
    count,
  }))
  const characters = [...new Set([...words.keys()].join(''))].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)
  const inside = new Set(lists.flatMap(({ tokens }) => tokens.slice(1)))
  const tokens = [...new Set([...characters, ...characters.map((c) => prefix + c).filter((t) => inside.has(t))])]
  while (tokens.length < vocabSize) {
    const tokenCounts = new Map<string, number>()
    const pairCounts = new Map<string, { left: string; right: string; count: number }>()
    for (const list of lists) {
      list.tokens.forEach((left, i) => {
        tokenCounts.set(left, (tokenCounts.get(left) ?? 0) + list.count)
        const right = list.tokens[i + 1]
        if (right === undefined) return
        const key = JSON.stringify([left, right])
        pairCounts.set(key, { left, right, count: (pairCounts.get(key)?.count ?? 0) + list.count })
      })
    }
    const [best] = [...pairCounts.values()]
      .filter(({ count }) => count >= leastCount)
      .map((pair) => ({ ...pair, score: pair.count / (tokenCounts.get(pair.left)! * tokenCounts.get(pair.right)!) }))
      .sort(
        (a, b) =>
          b.score - a.score ||
          b.count - a.count ||
          tokens.indexOf(a.left) - tokens.indexOf(b.left) ||
          tokens.indexOf(a.right) - tokens.indexOf(b.right),
      )
    if (best === undefined) break
    const merged = best.left + (best.right.startsWith(prefix) ? best.right.slice(prefix.length) : best.right)
    if (!tokens.includes(merged)) tokens.push(merged)
    lists = lists.map(({ tokens: before, count }) => {
      const after: string[] = []
      for (let i = 0; i < before.length; i++) {
        const hit = before[i] === best.left && before[i + 1] === best.right
        after.push(hit ? merged : before[i])
        if (hit) i++
      }
      return { tokens: after, count }
    })
  }
  return tokens
}

describe('learnWordPieces', () => {
  it('merges the pair with the highest likelihood ratio: each exact, for random words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '#', 'ә', '😀'), minLength: 1, maxLength: 9 })
    const words = fc.array(fc.tuple(word, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 25 })
    fc.assert(
      fc.property(
        words,
        fc.constantFrom('##', '#', ''),
        fc.integer({ min: 1, max: 6 }),
        (counts, prefix, leastCount) => {
          const options = { ...defaults, continuingPrefix: prefix, leastCount }
          expect(learnWordPieces(new Map(counts), options)).toEqual(slowTokens(new Map(counts), options))
        },
      ),
      { numRuns: 1000 },
    )
  })

  const words = new Map([
    ['бал', 10],
    ['бала', 6],
    ['қала', 5],
    ['цех', 2],
  ])

  it('traces each merge with the counts and the score that decided it', () => {
    const merges: WordPieceMerge[] = []
    const onMerge = (merge: WordPieceMerge) => merges.push(merge)
    const tokens = learnWordPieces(words, { ...defaults, specials: ['[UNK]'], onMerge })
    // [UNK], seven characters, and the four of them that stand inside words.
    expect(tokens.slice(12)).toEqual(['це', 'цех', '##ал', 'бал', 'қал', 'қала', 'бала'])
    const steps = merges.map((merge) => [merge.left, merge.right, merge.count, merge.leftCount, merge.rightCount])
    expect(steps).toEqual([
      ['ц', '##е', 2, 2, 2],
      ['це', '##х', 2, 2, 2],
      // 21 / (32 · 21), 16 / (16 · 32) and 5 / (5 · 32) are equal: the most frequent pair is taken.
      ['##а', '##л', 21, 32, 21],
      ['б', '##ал', 16, 16, 21],
      ['қ', '##ал', 5, 5, 5],
      ['қал', '##а', 5, 5, 11],
      ['бал', '##а', 6, 16, 6],
    ])
    expect(merges[2]).toMatchObject({ token: '##ал', id: 14, isNew: true, score: 1 / 32 })
  })

  it('merges the most frequent pair when asked', () => {
    const tokens = learnWordPieces(words, { ...defaults, score: 'frequency' })
    expect(tokens.slice(11)).toEqual(['##ал', 'бал', 'бала', 'қал', 'қала', 'це', 'цех'])
  })

  it('leaves out rare pairs and rare characters, and stops at the size', () => {
    expect(learnWordPieces(words, { ...defaults, leastCount: 6 }).slice(11)).toEqual(['##ал', 'бал', 'бала'])
    const few = learnWordPieces(words, { ...defaults, limitAlphabet: 3, vocabSize: 7 })
    expect(few).toEqual(['а', 'б', 'л', '##а', '##л', '##ал', 'бал'])
    expect(() => learnWordPieces(words, { ...defaults, vocabSize: 10 })).toThrow('the alphabet need 11')
  })
})
