import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../base/index.ts'
import { alignedText } from '../aligned-text.ts'
import type { PreTokenizer } from '../stages.ts'
import { bertPreTokenizer } from './bert.ts'
import { byteLevelPreTokenizer } from './byte-level.ts'
import { charDelimiterSplit } from './char-delimiter-split.ts'
import type { SplitBehavior } from './delimiters.ts'
import { digits } from './digits.ts'
import { fixedLength } from './fixed-length.ts'
import { metaspace } from './metaspace.ts'
import { punctuation } from './punctuation.ts'
import { preTokenizerSequence } from './sequence.ts'
import { split } from './split.ts'
import { unicodeScripts } from './unicode-scripts.ts'
import { whitespace } from './whitespace.ts'
import { whitespaceSplit } from './whitespace-split.ts'

const texts = (preTokenizer: PreTokenizer, text: string, isFirst = true) =>
  preTokenizer.split({ text, isFirst }).map((piece) => piece.text)

function offsets(preTokenizer: PreTokenizer, text: string): string {
  const pieces = preTokenizer.split(alignedText(text, true))
  return pieces.map(({ origins }) => `${origins!.starts[0]}-${origins!.ends.at(-1)}`).join(' ')
}

/** Pieces and their places in Hugging Face's tokenizers 0.23.2. */
const cases: readonly (readonly [PreTokenizer, text: string, pieces: readonly string[], offsets: string])[] = [
  [whitespace(), 'Сәлем, a_b!? 5\u200d', ['Сәлем', ',', 'a_b', '!?', '5\u200d'], '0-5 5-6 7-10 10-12 13-15'],
  [whitespaceSplit(), ' a,\u0085b\u3000', ['a,', 'b'], '1-3 4-5'],
  [bertPreTokenizer(), 'a.b  c\u0085d', ['a', '.', 'b', 'c', 'd'], '0-1 1-2 2-3 5-6 7-8'],
  [punctuation(), 'a$«b»༼', ['a', '$', '«', 'b', '»', '༼'], '0-1 1-2 2-3 3-4 4-5 5-6'],
  [punctuation(), 'a{b~', ['a', '{', 'b', '~'], '0-1 1-2 2-3 3-4'],
  [digits(), 'a12Ⅷ½b', ['a', '12Ⅷ½', 'b'], '0-1 1-5 5-6'],
  [digits({ individual: true }), 'a12', ['a', '1', '2'], '0-1 1-2 2-3'],
  [charDelimiterSplit('😀'), 'a😀😀b', ['a', 'b'], '0-1 5-6'],
  [fixedLength(2), 'a😀b', ['a😀', 'b'], '0-3 3-4'],
  [byteLevelPreTokenizer(), ' a', ['Ġa'], '0-2'],
  [byteLevelPreTokenizer(), 'ә 1', ['ĠÓĻ', 'Ġ1'], '0-1 1-3'],
  [byteLevelPreTokenizer({ addPrefixSpace: false, useRegex: false }), 'ә 1', ['ÓĻĠ1'], '0-3'],
  [metaspace(), 'a  b ', ['▁a', '▁', '▁b', '▁'], '0-1 1-2 2-4 4-5'],
  [metaspace(), ' ▁a', ['▁', '▁a'], '0-1 1-3'],
  [metaspace({ split: false, prependScheme: 'never' }), 'a b', ['a▁b'], '0-3'],
  [split({ text: '' }, 'removed'), 'a😀b', ['a', '😀', 'b'], '0-1 1-3 3-4'],
  [split({ regex: '(?=\\p{Lu})' }, 'isolated'), 'мҰСқ', ['м', 'Ұ', 'Сқ'], '0-1 1-2 2-4'],
  [split({ regex: '[a-z]+' }, 'removed', { invert: true }), '1ab2', ['ab'], '1-3'],
  [preTokenizerSequence([digits(), metaspace()]), 'a1 b', ['▁a', '▁1', '▁b'], '0-1 1-2 2-4'],
  [preTokenizerSequence([]), 'a', ['a'], '0-1'],
  [
    unicodeScripts(),
    '  東京タワー。Tokyo 5 мұнара',
    ['東京タワー', '。', 'Tokyo ', '5 ', 'мұнара'],
    '2-7 7-8 8-14 14-16 16-22',
  ],
]

/** What becomes of `the-final--cut-` at hyphens, and of `ab--c` where all other characters are matches. */
const behaviors: readonly (readonly [SplitBehavior, pieces: string, inverted: string])[] = [
  ['removed', 'the final cut', 'a b c'],
  ['isolated', 'the - final - - cut -', 'a b -- c'],
  ['mergedWithPrevious', 'the- final- - cut-', 'a b-- c'],
  ['mergedWithNext', 'the -final - -cut -', 'a b --c'],
  ['contiguous', 'the - final -- cut -', 'ab -- c'],
]

const all = [
  ...cases.map(([preTokenizer]) => preTokenizer),
  ...behaviors.flatMap(([behavior]) => [
    punctuation(behavior),
    split({ regex: '\\s|b*|(?=\\p{Lu})' }, behavior),
    split({ text: ' ' }, behavior, { invert: true }),
  ]),
]

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'aBb19ә字あー ▁\n\u0085.,«½Ⅷ\u200d\u0301😀'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 20,
})

describe('pre-tokenizers', () => {
  it.each(cases)('%#: as the reference', (preTokenizer, whole, pieces, places) => {
    expect(texts(preTokenizer, whole)).toEqual(pieces)
    expect(offsets(preTokenizer, whole)).toBe(places)
  })

  it.each(behaviors)('%s', (behavior, pieces, inverted) => {
    expect(texts(split({ text: '-' }, behavior), 'the-final--cut-')).toEqual(pieces.split(' '))
    expect(texts(punctuation(behavior), 'the-final--cut-')).toEqual(pieces.split(' '))
    expect(texts(split({ regex: '[^-]' }, behavior, { invert: true }), 'ab--c')).toEqual(inverted.split(' '))
  })

  it('put pieces in order into the text, none empty, tracked or not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), text, (preTokenizer, before) => {
        const whole = alignedText(before, true)
        const pieces = preTokenizer.split(whole)
        let last = 0
        for (const { text, origins } of pieces) {
          expect(text).not.toBe('')
          expect(origins!.starts).toHaveLength(text.length)
          expect(origins!.ends).toHaveLength(text.length)
          expect(origins!.starts[0]).toBeGreaterThanOrEqual(last)
          last = origins!.starts.at(-1)!
          expect(origins!.ends.at(-1)).toBeLessThanOrEqual(before.length)
        }
        expect(texts(preTokenizer, whole.text)).toEqual(pieces.map(({ text }) => text))
      }),
      { numRuns: 2000 },
    )
  })

  it('lose nothing where they drop nothing', () => {
    const keeping = [digits(), fixedLength(3), punctuation('contiguous'), split({ regex: '\\p{L}+' }, 'mergedWithNext')]
    fc.assert(
      fc.property(fc.constantFrom(...keeping), text, (preTokenizer, before) => {
        expect(texts(preTokenizer, before).join('')).toBe(before)
      }),
    )
  })

  it('metaspace asks whether the text begins here', () => {
    const first = metaspace({ prependScheme: 'first' })
    expect(texts(first, 'a b')).toEqual(['▁a', '▁b'])
    expect(texts(first, 'a b', false)).toEqual(['a', '▁b'])
    expect(texts(preTokenizerSequence([whitespaceSplit(), first]), 'a b')).toEqual(['▁a', 'b'])
    expect(texts(metaspace(), 'a b', false)).toEqual(['▁a', '▁b'])
  })

  it('have a scanner where the pattern is known', () => {
    const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
    expect(split({ regex: gpt2 }, 'isolated').scanner).toBeDefined()
    expect(split({ regex: gpt2 }, 'mergedWithNext').scanner).toBeUndefined()
    expect(preTokenizerSequence([split({ regex: gpt2 }, 'isolated')]).scanner).toBeDefined()
    expect(preTokenizerSequence([digits(), split({ regex: gpt2 }, 'isolated')]).scanner).toBeUndefined()
  })

  it('write their entries of tokenizer.json', () => {
    const { json } = preTokenizerSequence([
      byteLevelPreTokenizer(),
      metaspace({ prependScheme: 'first' }),
      digits(),
      punctuation('mergedWithNext'),
      charDelimiterSplit('x'),
      fixedLength(),
      split({ text: 'a' }, 'removed'),
      split({ regex: 'a' }, 'mergedWithPrevious', { invert: true }),
    ])
    expect(json.pretokenizers).toEqual([
      { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
      { type: 'Digits', individual_digits: false },
      { type: 'Punctuation', behavior: 'MergedWithNext' },
      { type: 'CharDelimiterSplit', delimiter: 'x' },
      { type: 'FixedLength', length: 5 },
      { type: 'Split', pattern: { String: 'a' }, behavior: 'Removed', invert: false },
      { type: 'Split', pattern: { Regex: 'a' }, behavior: 'MergedWithPrevious', invert: true },
    ])
    const plain = [whitespace(), whitespaceSplit(), bertPreTokenizer(), unicodeScripts()].map((each) => each.json)
    expect(plain.map(({ type }) => type)).toEqual([
      'Whitespace',
      'WhitespaceSplit',
      'BertPreTokenizer',
      'UnicodeScripts',
    ])
  })

  it.each([
    ['two characters', () => charDelimiterSplit('ab')],
    ['no character', () => metaspace({ replacement: '' })],
    ['no length', () => fixedLength(0)],
    ['half a character', () => fixedLength(1.5)],
    ['a pattern that is not one', () => split({ regex: '(' }, 'removed')],
  ])('refuse %s', (_, make) => {
    expect(make).toThrow(ConfigError)
  })
})
