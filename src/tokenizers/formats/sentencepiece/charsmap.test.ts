import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../../base/index.ts'
import { readCharsmap } from '../../normalizers/charsmap.ts'
import { precompiled } from '../../normalizers/precompiled.ts'
import { buildCharsmap } from './build-charsmap.ts'
import { nfkcRules } from './nfkc-rules.ts'
import { sentencePieceNormalizer } from './normalizer.ts'

const rule = fc.tuple(
  fc.string({ unit: fc.constantFrom('a', 'b', 'ә', 'ﬁ', '\u0301', '年', '👍'), minLength: 1, maxLength: 4 }),
  fc.string({ maxLength: 3 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
)

describe('charsmap', () => {
  it('finds the longest rule, for any rules', () => {
    fc.assert(
      fc.property(
        fc.array(rule),
        fc.string({ unit: fc.constantFrom('a', 'b', 'ә', 'ﬁ', '\u0301', '年', '👍') }),
        (list, text) => {
          const rules = new Map(list)
          const map = readCharsmap(buildCharsmap(rules))
          const best = [...rules.keys()].filter((from) => text.startsWith(from)).sort((a, b) => b.length - a.length)[0]
          if (text === '') return
          expect(map.longest(text, 0)).toBe(best === undefined ? -1 : best.length)
          if (best !== undefined) expect(map.replacement).toBe(rules.get(best))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('holds NFKC', () => {
    const rules = nfkcRules()
    const normalizer = sentencePieceNormalizer({
      charsmap: buildCharsmap(rules),
      addDummyPrefix: false,
      removeExtraWhitespaces: false,
      escapeWhitespaces: false,
    })
    for (const text of ['ﬁ', 'Ａ①', 'e\u0301', 'a\u0302\u0301', '\u1112\u1161\u11ab', 'ｶﾞ', 'и\u0306', 'Ǆ']) {
      expect(normalizer.normalize(text)).toBe(text.normalize('NFKC'))
    }
    for (const [from, to] of rules) if (normalizer.normalize(from) !== to) expect(from).toBe(to)
  })

  it('refuses what does not fit, and no unit leads outside', () => {
    const valid = buildCharsmap([
      ['ab', 'x'],
      ['ac', 'y'],
    ])
    for (let end = 1; end < 1030; end += 7) expect(() => readCharsmap(valid.subarray(0, end))).toThrow(FormatError)
    expect(() => readCharsmap(Uint8Array.of(2, 0, 0, 0, 9, 9, 9))).toThrow(/no multiple of 4/)
    expect(() => readCharsmap(Uint8Array.of(255, 255, 255, 252, 9))).toThrow(FormatError)
    const bytes = fc.uint8Array({ minLength: 256, maxLength: 256 })
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'binary' }), (units, text) => {
        const hostile = Uint8Array.from([252, 0, 0, 0, ...units])
        const normalizer = sentencePieceNormalizer({ charsmap: hostile })
        normalizer.normalize(text.toWellFormed(), [], [])
        precompiled(hostile).normalize(text.toWellFormed(), [])
      }),
      { numRuns: 2000 },
    )
  })
})

describe('precompiled', () => {
  const map = buildCharsmap([
    ['a', 'A'],
    ['a\u0301', 'Á'],
    ['é', 'e'],
    ['ﬁ', 'fi'],
    ['\u0001', ''],
  ])

  it('takes short graphemes whole, by the shortest rule', () => {
    // SentencePiece itself takes the longest.
    expect(precompiled(map).normalize('a\u0301b')).toBe('Ab')
    expect(sentencePieceNormalizer({ charsmap: map }).normalize('a\u0301b')).toBe('▁Áb')
  })

  it('looks up the characters of long graphemes', () => {
    expect(precompiled(map).normalize('a\u0301\u0301\u0301')).toBe('A\u0301\u0301\u0301')
  })

  it('says where characters come from', () => {
    const sources: number[] = []
    expect(precompiled(map).normalize('xﬁ\u0001é', sources)).toBe('xfie')
    expect(sources).toEqual([0, 1, 2, 3])
  })
})
