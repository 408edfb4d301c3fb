import { describe, expect, it } from 'vitest'
import { bertSpecials } from '../formats/index.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { bertPreTokenizer } from '../pieces/bert.ts'
import { WordCounts } from '../training/word-counts.ts'
import { learnWordPieces, type WordPieceMerge, wordPieceAlphabet } from './learn-word-pieces.ts'
import { trainWordPiece } from './word-piece.ts'

const text =
  'Қайырлы таң! Бала кітап оқыды, балалар кітаптар оқыды. Good morning! The child read a book, the children read books. ' +
  'low lower lowest, new newer newest; wide wider widest. Ёлка, café — naïve.'

/**
 * Tokens of Hugging Face tokenizers 0.23.2 on {@link text}: BertNormalizer, BertPreTokenizer, and WordPieceTrainer with
 * five special tokens, 110 in all. The order of its characters inside words is another in each run, and decides ties, so
 * it is a part of what is given.
 */
const goldenInside = 'okdwersthітапрniglavлқыдfкиң'
const goldenMerged =
  '##we lo ne wi ##oo ##de ##st ##та ##ал wide boo ch re th бал кі оқ ##il ##ad ##ыд ##wer ##west ##тап ' +
  'book chil read the кітап оқыд child оқыды ca goo mo na ел та қа'

async function* later(parts: Iterable<string>) {
  yield* parts
}

describe('trainWordPiece', () => {
  it("has BERT's special tokens, the alphabet, and what was learned", () => {
    const trained = trainWordPiece(text, { vocabSize: 90 })
    const tokens = Array.from({ length: trained.vocabSize }, (_, id) => trained.tokenOf(id)!)
    expect(trained.vocabSize).toBe(90)
    expect(tokens.slice(0, 7)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '!', ','])
    const { words, distinctWords, alphabet, learnedTokens } = trained.report
    expect(5 + alphabet + learnedTokens).toBe(90)
    expect([words, distinctWords]).toEqual([43, 33])
    expect(trained.decode(trained.encode('Балалар, lowest!'))).toBe('балалар, lowest!')
    expect([...trained.encode('балалар', { addSpecials: true })].slice(0, 1)).toEqual([2])
    expect(trained.tokenOf(trained.encode('日')[0])).toBe('[UNK]')
  })

  it("learns the tokens of Hugging Face's trainer by frequency", () => {
    const counts = new WordCounts({ normalizer: bertNormalizer(), preTokenizer: bertPreTokenizer() })
    counts.push(text)
    const words = counts.end()
    const options = { vocabSize: 110, specials: bertSpecials, continuingPrefix: '##', leastCount: 0, onMerge: () => {} }
    const characters = wordPieceAlphabet(words, options)
    const inside = [...goldenInside].map((character) => `##${character}`)
    expect(characters.filter((token) => token.length > 2).sort()).toEqual(inside.toSorted())
    const alphabet = [...characters.filter((token) => token.length === 1), ...inside]
    const tokens = learnWordPieces(words, { ...options, score: 'frequency' }, alphabet)
    expect(tokens.slice(5 + alphabet.length).join(' ')).toBe(goldenMerged)
  })

  it('traces merges that replay to the vocabulary, each the best of its time', () => {
    const merges: WordPieceMerge[] = []
    const trained = trainWordPiece(text, { vocabSize: 110, trace: (merge) => merges.push(merge) })
    for (const { token, id, isNew, count, leftCount, rightCount, score } of merges) {
      expect(trained.idOf(token)).toBe(id)
      expect(score).toBe(count / (leftCount * rightCount))
      expect(isNew || id < 110).toBe(true)
    }
    expect(merges.filter(({ isNew }) => isNew)).toHaveLength(trained.report.learnedTokens)
  })

  it('does not depend on how the text is cut, and runs on a stream', async () => {
    for (const options of [
      { vocabSize: 100 },
      { vocabSize: 100, normalizer: bertNormalizer({ stripAccents: false }) },
    ]) {
      const whole = trainWordPiece(text, options).definition()
      expect(trainWordPiece(text.match(/[\s\S]{1,7}/g)!, options).definition()).toBe(whole)
      expect((await trainWordPiece(later(text), options)).definition()).toBe(whole)
    }
  })

  it('keeps й where accents are kept', () => {
    const normalizer = bertNormalizer({ stripAccents: false })
    expect(trainWordPiece(text, { vocabSize: 80, normalizer }).idOf('##й')).toBeDefined()
    expect(trainWordPiece(text, { vocabSize: 80 }).idOf('##й')).toBeUndefined()
  })

  it('puts the unknown token first where it is not named', () => {
    const trained = trainWordPiece('a b', {
      vocabSize: 9,
      specials: ['<|end|>'],
      unknown: '<?>',
      continuingPrefix: '@',
    })
    expect([0, 1, 2, 3].map((id) => trained.tokenOf(id))).toEqual(['<?>', '<|end|>', 'a', 'b'])
    expect([...trained.encode('b ab', { allowSpecials: true })]).toEqual([3, 0])
  })

  it('refuses text without words and a vocabulary without room', async () => {
    expect(() => trainWordPiece(' \n ', { vocabSize: 30 })).toThrow('no words')
    await expect(trainWordPiece(later([]), { vocabSize: 30 })).rejects.toThrow('no words')
    expect(() => trainWordPiece('abc', { vocabSize: 8 })).toThrow('vocabSize is 8')
  })

  it('reports progress', () => {
    const seen: string[] = []
    trainWordPiece('ab ab', {
      vocabSize: 20,
      specials: [],
      onProgress: ({ stage, done, total }) => seen.push(`${stage} ${done}/${total}`),
    })
    expect(seen).toEqual(['reading 5/undefined', 'merging 5/20'])
  })
})
