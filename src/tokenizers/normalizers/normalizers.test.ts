import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignedText, normalizedText } from '../aligned-text.ts'
import type { Normalizer } from '../stages.ts'
import { bertNormalizer } from './bert.ts'
import { byteLevelNormalizer } from './byte-level.ts'
import { lowercase } from './lowercase.ts'
import { nmt } from './nmt.ts'
import { nfc, nfd, nfkc, nfkd } from './normal-forms.ts'
import { prepend } from './prepend.ts'
import { replace } from './replace.ts'
import { normalizerSequence } from './sequence.ts'
import { strip } from './strip.ts'
import { stripAccents } from './strip-accents.ts'

/** Where each code unit of a normalized text stands in the original. */
function offsets(normalizer: Normalizer, text: string): string {
  const { starts, ends } = normalizedText(alignedText(text, true), normalizer).origins!
  return Array.from(starts, (start, i) => `${start}-${ends[i]}`).join(' ')
}

/** Results and alignments of Hugging Face's tokenizers 0.23.2. */
const cases: readonly (readonly [Normalizer, before: string, after: string, offsets: string])[] = [
  [nfc(), 'e\u0301x', '\u00e9x', '0-1 2-3'],
  [nfc(), '\u1100\u1161\u11a8', '\uac01', '0-1'],
  [nfc(), 'a\u0301\u0323', '\u1ea1\u0301', '0-1 2-3'],
  [nfc(), '\u0301a', '\u0301a', '0-1 1-2'],
  [nfc(), 'a\u0305\u0301', 'a\u0305\u0301', '0-1 1-2 2-3'],
  [nfd(), '\u1ea5\u0323', 'a\u0323\u0302\u0301', '0-1 1-2 1-2 1-2'],
  [nfd(), '\u0419!', '\u0418\u0306!', '0-1 0-1 1-2'],
  [nfkc(), '\ufb01\u0301', 'f\u00ed', '0-1 1-2'],
  [nfkc(), '\uff76\uff9e', '\u30ac', '0-1'],
  [nfkd(), '\u2460\u33a1', '1m2', '0-1 1-2 1-2'],
  [lowercase(), '\u0130\u03a3I', 'i\u0307\u03c3i', '0-1 0-1 1-2 2-3'],
  [lowercase(), 'ΑΣ', 'ασ', '0-1 1-2'],
  [strip(), '\u0085 \u04e9\ufeff\u3000', '\u04e9\ufeff', '2-3 3-4'],
  [strip({ left: false }), ' \u04e9 ', ' \u04e9', '0-1 1-2'],
  [strip({ right: false }), ' \u04e9 ', '\u04e9 ', '1-2 2-3'],
  [stripAccents(), '\u0301e\u0301\u0308o', 'eo', '1-2 4-5'],
  [stripAccents(), 'a\u08e0', 'a', '0-1'],
  [nmt(), 'a\ufeff', 'a ', '0-1 1-2'],
  [nmt(), 'a\u0001\u200b\u0000\n', 'a \u0000 ', '0-1 2-3 3-4 4-5'],
  [replace({ regex: 'a+' }, 'xy'), 'baaac', 'bxyc', '0-1 3-4 3-4 4-5'],
  [replace({ text: '' }, '-'), 'ab', '-a-b-', '0-0 0-1 0-1 1-2 1-2'],
  [replace({ text: '$&' }, '$&$&'), '$&', '$&$&', '1-2 1-2 1-2 1-2'],
  [replace({ regex: '^' }, '-'), 'ab', '-ab', '0-0 0-1 1-2'],
  [prepend('__'), 'ab', '__ab', '0-1 0-1 0-1 1-2'],
  [prepend(''), 'ab', 'ab', '0-0 1-2'],
  [prepend('__'), '', '', ''],
  [byteLevelNormalizer(), '\u04e9 a', '\u00d3\u00a9\u0120a', '0-1 0-1 1-2 2-3'],
  [byteLevelNormalizer(), '😀', 'ðŁĺĢ', '0-2 0-2 0-2 0-2'],
  [bertNormalizer(), 'a\u08e0', 'a\u08e0', '0-1 1-2'],
  [bertNormalizer(), '\u00c9\u0001\t\u5b57\u04d8', 'e  \u5b57 \u04d9', '0-1 2-3 3-4 3-4 3-4 4-5'],
  [bertNormalizer({ lowercase: false }), '\u00c9\u5b57', '\u00c9 \u5b57 ', '0-1 1-2 1-2 1-2'],
  [
    normalizerSequence([strip(), nfkd(), stripAccents(), prepend('_')]),
    ' \u00e9\u00bd ',
    '_e1\u20442',
    '1-2 1-2 2-3 2-3 2-3',
  ],
]

/** All stages, and some that work on what others inserted. */
const all = [
  ...cases.map(([normalizer]) => normalizer),
  replace({ regex: '(?=\\p{Lu})' }, '😀'),
  bertNormalizer({ cleanText: false, stripAccents: true, lowercase: false }),
  normalizerSequence([nfd(), nfc(), byteLevelNormalizer(), nfkc()]),
  normalizerSequence([]),
]

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'aZéӘiİΣß字 \t\u0085\u0001\u200d\ufffd'),
    fc.constantFrom(...'\u0301\u0323\u0345\u0334\u0344\u3099\u0f73\u0f71ﾊﾟ가각\u1100\u1161\u11a8ﬁ½😀'),
    fc.constantFrom('\u{1d15e}', '\u{11099}\u{110ba}', '\u{1e922}', '\u{16ea0}', '\ua7dc'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 30,
})

describe('normalizers', () => {
  it.each(cases)('%#: as the reference', (normalizer, before, after, expected) => {
    expect(normalizer.normalize(before)).toBe(after)
    expect(offsets(normalizer, before)).toBe(expected)
  })

  it('give the same text whether or not they are asked where it comes from', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), text, (normalizer, before) => {
        expect(normalizer.normalize(before, [])).toBe(normalizer.normalize(before))
      }),
      { numRuns: 2000 },
    )
  })

  it('say of each code unit where it comes from, in order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), text, (normalizer, before) => {
        const sources: number[] = []
        expect(normalizer.normalize(before, sources)).toHaveLength(sources.length)
        sources.forEach((source, i) => {
          expect(source).toBeGreaterThanOrEqual(i === 0 ? -1 : sources[i - 1])
          expect(source).toBeLessThan(before.length)
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('write their entries of tokenizer.json', () => {
    expect(
      normalizerSequence([
        nfc(),
        lowercase(),
        strip(),
        stripAccents(),
        nmt(),
        replace({ text: 'a' }, 'b'),
        replace({ regex: 'a+' }, 'b'),
        prepend('▁'),
        byteLevelNormalizer(),
        bertNormalizer(),
      ]).json,
    ).toEqual({
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Lowercase' },
        { type: 'Strip', strip_left: true, strip_right: true },
        { type: 'StripAccents' },
        { type: 'Nmt' },
        { type: 'Replace', pattern: { String: 'a' }, content: 'b' },
        { type: 'Replace', pattern: { Regex: 'a+' }, content: 'b' },
        { type: 'Prepend', prepend: '▁' },
        { type: 'ByteLevel' },
        {
          type: 'BertNormalizer',
          clean_text: true,
          handle_chinese_chars: true,
          strip_accents: null,
          lowercase: true,
        },
      ],
    })
  })

  it('carry through a sequence where a result of several characters ends', () => {
    const pairs: Normalizer = {
      json: { type: 'Pairs' },
      normalize(before, sources, sourceEnds) {
        for (let i = 0; i < before.length; i += 2) {
          sources?.push(i)
          sourceEnds?.push(i + 2)
        }
        return 'p'.repeat(before.length / 2)
      },
    }
    expect(offsets(normalizerSequence([pairs, byteLevelNormalizer()]), 'abcd')).toBe('0-2 2-4')
    expect(offsets(normalizerSequence([nfd(), pairs]), 'éa\u0301')).toBe('0-1 1-3')
    expect(offsets(normalizerSequence([pairs, pairs]), 'abcd')).toBe('0-4')
  })
})

describe('normal forms', () => {
  it('do not know characters newer than Unicode 9', () => {
    // U+1E030 came with Unicode 15, and is a small letter in superscript.
    expect(nfkc().normalize('\u{1e030}½')).toBe('\u{1e030}1⁄2')
  })

  it('of marks out of order take time in proportion', () => {
    const started = performance.now()
    expect(nfc().normalize(`a${'\u0301\u0323'.repeat(200_000)}`)).toHaveLength(400_000)
    // The engine alone takes minutes.
    expect(performance.now() - started).toBeLessThan(20_000)
  }, 30_000)
})
