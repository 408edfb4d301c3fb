import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Scanner } from '../../stages.ts'
import { categories } from '../../unicode/categories.ts'
import { namedScanner, patternNames } from './patterns.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function endsOf(scanner: Scanner, bytes: Uint8Array, length = bytes.length): number[] {
  const ends: number[] = []
  for (let at = 0; at < length; at = ends[ends.length - 1]) ends.push(scanner.end(bytes, at, length, true))
  return ends
}

/** The same from bytes that become known little by little. */
function endsOfWindows(scanner: Scanner, bytes: Uint8Array, steps: readonly number[]): number[] {
  const ends: number[] = []
  let at = 0
  let limit = 0
  for (let i = 0; at < bytes.length; ) {
    const end = limit > at ? scanner.end(bytes, at, limit, limit === bytes.length) : -1
    if (end < 0) limit = Math.min(bytes.length, limit + steps[i++ % steps.length])
    else {
      ends.push(end)
      at = end
    }
  }
  return ends
}

function piecesOf(name: (typeof patternNames)[number], text: string): string[] {
  const bytes = encoder.encode(text)
  let at = 0
  return endsOf(namedScanner(name).scanner, bytes).map((end) => {
    const piece = decoder.decode(bytes.subarray(at, end))
    at = end
    return piece
  })
}

/** The regular expressions themselves, in JavaScript: its \s is another, and it has no \z. */
function rendered(regex: string): RegExp {
  const source = regex
    .replaceAll('\\S', '\\P{White_Space}')
    .replaceAll('\\s', '\\p{White_Space}')
    .replaceAll('\\z', '(?![^])')
    .replace('!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~', '!-\\/:-@\\[-`\\{-~')
  return new RegExp(source, 'gu')
}

/** Cuts each text into the matches and what lies between. */
function isolated(texts: readonly string[], regex: RegExp): string[] {
  const parts: string[] = []
  for (const text of texts) {
    let at = 0
    for (const match of text.matchAll(regex)) {
      parts.push(text.slice(at, match.index), match[0])
      at = match.index + match[0].length
    }
    parts.push(text.slice(at))
  }
  return parts.filter((part) => part !== '')
}

function regexesOf(name: (typeof patternNames)[number]): RegExp[] {
  return JSON.stringify(namedScanner(name).json, (key, value) => (key === 'Regex' ? { regex: value } : value))
    .match(/\{"regex":"(?:[^"\\]|\\.)*"\}/g)!
    .map((text) => rendered(JSON.parse(text).regex))
}

/** What patterns tell apart. */
const telling = (
  "|  |\n|\r\n|\r|\t|'|'s|'S|'ll|'LL|'rE|'ve|'m|'d|'ſ|'\u212a|/|//|!|...|(|_|-|1|12|1234|a|B|aB|Word|HTML|é|ǅ|ʰ|ª|\u0301|क|\u093f|" +
  '中|文|龥|龦|あ|ア|・|ー|゛|\u3099|\u3040|\u0085|\u00a0|\u2028|\u3000|\u180e|\ufeff|\u200d|\0|\u0600|😀|𝒳|𐐀|٣|½|Ⅳ|\ue000|\u0378|Қазақ| a| A| 1| !| \n|\n | \u0301'
).split('|')
const anyCharacter = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code))
const tricky = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(' ', ...telling) }, anyCharacter))
  .map((parts) => parts.join('').toWellFormed())
/** Characters that this engine and the pinned version see alike. */
const agreed = tricky.map((text) =>
  [...text]
    .filter((character) => {
      const code = character.codePointAt(0)!
      return categories(16)[code] === categories(17)[code]
    })
    .join(''),
)
const windows = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })

describe.each(patternNames)('the scanner of %s', (name) => {
  const { scanner } = namedScanner(name)

  it('cuts as its regular expressions do', () => {
    const regexes = regexesOf(name)
    fc.assert(
      fc.property(agreed, (text) => {
        expect(piecesOf(name, text)).toEqual(regexes.reduce<readonly string[]>(isolated, [text]))
      }),
      { numRuns: 1000 },
    )
  })

  it('does not depend on where the bytes are cut, and tiles them', () => {
    fc.assert(
      fc.property(tricky, windows, (text, steps) => {
        const bytes = encoder.encode(text)
        const ends = endsOf(scanner, bytes)
        expect(endsOfWindows(scanner, bytes, steps)).toEqual(ends)
        expect(ends.every((end, i) => end > (ends[i - 1] ?? 0))).toBe(true)
        if (bytes.length > 0) expect(ends.at(-1)).toBe(bytes.length)
        // What an earlier text left in the buffer does not count.
        for (const left of ["'s", 'sa', '1', '\n/', ' ', '\u0301']) {
          expect(endsOf(scanner, Uint8Array.of(...bytes, ...encoder.encode(left)), bytes.length)).toEqual(ends)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes bytes that are not UTF-8 for characters of no kind', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x20, 0x61, 0x0a, 0xc5, 0xbf, 0xe4, 0xf0, 0xed, 0xa0, 0x80))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(byte, { maxLength: 40 }), windows, (a, b, steps) => {
        const bytes = Uint8Array.of(...a, ...b)
        const ends = endsOf(scanner, bytes)
        expect(endsOfWindows(scanner, bytes, steps)).toEqual(ends)
        // U+0378 is nothing yet; so the cuts are those of a text that has it in their place.
        const { text, starts } = wellFormed(bytes)
        const same = endsOf(scanner, encoder.encode(text))
        expect(ends).toEqual(same.map((end) => starts[end]))
      }),
      { numRuns: 500 },
    )
  })

  it('takes a time that grows with the text, not with its square', () => {
    const length = 1 << 18
    for (const unit of ['a', 'A', ' ', '\n', ' \n', '1', '!', '/', "'", '中', '\u0301', '\u3040', '\0', 'ア']) {
      for (const rest of ['', 'AAAA', 'b ']) {
        const bytes = encoder.encode(unit.repeat(length / encoder.encode(unit).length) + rest)
        expect(endsOf(scanner, bytes).at(-1)).toBe(bytes.length)
      }
    }
    const capitals = encoder.encode(`${'中'.repeat(1000)}${'A'.repeat(length)}`)
    expect(endsOf(scanner, capitals).at(-1)).toBe(capitals.length)
  })
})

/** Text with U+0378 for each byte that is not UTF-8, and for each byte index of it the index in `bytes`. */
function wellFormed(bytes: Uint8Array): { text: string; starts: number[] } {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const starts: number[] = []
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    let character = '\u0378'
    let length = 1
    for (let size = 1; size <= 4 && at + size <= bytes.length; size++) {
      try {
        character = strict.decode(bytes.subarray(at, at + size))
        length = size
        break
      } catch {
        // Longer, or none.
      }
    }
    starts[encoder.encode(text).length] = at
    text += character
    at += length
  }
  starts[encoder.encode(text).length] = bytes.length
  return { text, starts }
}

describe('pieces', () => {
  it.each([
    ['gpt2', "Hello world's  end,\n\n 42!", ['Hello', ' world', "'s", ' ', ' end', ',', '\n\n', ' 42', '!']],
    ['gpt2', "we'LL don't", ['we', "'", 'LL', ' don', "'t"]],
    ['gpt2', 'a\u0085b \u00a0c', ['a', '\u0085', 'b', ' ', '\u00a0', 'c']],
    ['cl100k', "don'T I'LLa 12345", ['don', "'T", ' I', "'LL", 'a', ' ', '123', '45']],
    ['cl100k', "it'\u017f", ['it', "'\u017f"]],
    ['cl100k', 'a  \n \n  b!\n\n c', ['a', '  \n \n', ' ', ' b', '!\n\n', ' c']],
    ['cl100k', 'end.\n  ', ['end', '.\n', '  ']],
    ['cl100k', 'end\n  ', ['end', '\n', '  ']],
    ['cl100k-whole-tail', 'end\n  ', ['end', '\n  ']],
    ['cl100k-whole-tail', 'a\n  b', ['a', '\n', ' ', ' b']],
    ['cl100k', '\0a \ufeffb', ['\0a', ' \ufeff', 'b']],
    ['cl100k', 'Қазақ тілі — сөз', ['Қазақ', ' тілі', ' —', ' сөз']],
    ['qwen2', 'x 1234', ['x', ' ', '1', '2', '3', '4']],
    ['qwen2', 'हिन्दी', ['ह', 'िन', '्द', 'ी']],
    ['qwen3.5', 'हिन्दी', ['हिन्दी']],
    ['o200k', 'hasOwnProperty HTMLParser', ['has', 'Own', 'Property', ' HTMLParser']],
    ['o200k', "don'T DON'T stop", ["don'T", " DON'T", ' stop']],
    ['o200k', "it'\u017f", ["it'\u017f"]],
    ['o200k', '中A中B', ['中A中', 'B']],
    ['o200k', '\u0301ABC', ['\u0301', 'ABC']],
    ['o200k', 'path/\n/\n x', ['path', '/\n/\n', ' x']],
    ['o200k', 'ҚазақТілі ТІЛ', ['Қазақ', 'Тілі', ' ТІЛ']],
    ['tekken', "don't 12", ['don', "'t", ' ', '1', '2']],
    ['deepseek', "it's 中文 ア・イ  7", ['it', "'s", ' ', '中文', ' ', 'ア', '・', 'イ', '  ', '7']],
    ['deepseek', '\0\0a\0\0', ['\0', '\0a', '\0\0']],
    ['deepseek', "(word) 'қазақ' !?\n", ['(word', ')', " '", 'қазақ', "'", ' !?\n']],
  ] as const)('of %s: %j', (name, text, expected) => {
    expect(piecesOf(name, text)).toEqual(expected)
  })

  it('are given as soon as they are certain', () => {
    const { scanner } = namedScanner('o200k')
    const known = (text: string) => scanner.end(encoder.encode(text), 0, encoder.encode(text).length, false)
    expect(known('word')).toBe(-1)
    expect(known('word ')).toBe(4)
    expect(known("word'")).toBe(-1)
    expect(known("word'r")).toBe(-1)
    expect(known("word'x")).toBe(4)
    expect(known('123')).toBe(3)
    expect(known('12')).toBe(-1)
    expect(known('  ')).toBe(-1)
    expect(known('  a')).toBe(1)
  })
})
