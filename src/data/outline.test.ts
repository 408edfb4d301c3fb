import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineOf } from './outline.ts'

/** Letters of all kinds, marks, numbers, spaces, line ends, emoji, halves of characters. */
const pieces = fc.constantFrom(
  ...[
    'a',
    'Zebra',
    'қазақ',
    'ӘӨ',
    'é',
    'e\u0301',
    'नमस्ते',
    '中文',
    'ไทย',
    'かな',
    '𠀀',
    '𝐀𝐛',
    '😀',
    '\u{1f468}\u200d\u{1f469}',
  ],
  ...['7', '123', '٣', '½', '٠١', ' ', '  ', '\t', '\u00a0', '\u3000', '\n', '\r\n', '\r', '\u0085', '\u2028', '\n\n'],
  ...[
    '.',
    ',',
    '-',
    '(',
    ')',
    '#',
    '…',
    '_',
    '€',
    '\ud800',
    '\udc00',
    '\u0000',
    '\ufeff',
    "don't",
    '+7 (701) 000-00-00',
  ],
)
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)

const unspacedLetter =
  /[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\ua000-\ua4cf\ua980-\ua9ff\uaa60-\uaadf\uf900-\ufaff\uff66-\uff9d\u{20000}-\u{3ffff}]/u
const lineEnd = /\r\n|[\n\r\u0085\u2028\u2029]/g

/** The definition, with the regular expressions of the host. */
function plainOutline(text: string) {
  const isUnspaced = (c: string) => unspacedLetter.test(c) && /[\p{L}\p{Nl}]/u.test(c)
  const isWordPart = (c: string) => /[\p{L}\p{Nl}\p{Nd}\p{No}\p{M}\p{Cf}]/u.test(c)
  const words: [number, number][] = []
  let open = false
  let at = 0
  for (const c of text) {
    const alone = isUnspaced(c)
    if (alone) words.push([at, at + c.length])
    else if (isWordPart(c)) {
      if (open) words[words.length - 1][1] = at + c.length
      else words.push([at, at + c.length])
    }
    open = !alone && isWordPart(c)
    at += c.length
  }
  const lines: [number, number][] = []
  let start = 0
  for (const match of text.matchAll(lineEnd)) {
    lines.push([start, match.index])
    start = match.index + match[0].length
  }
  if (start < text.length) lines.push([start, text.length])
  const chunks = text.split(/[\p{Z}\t\v\f\n\r\u0085]+/u).filter((chunk) => chunk !== '')
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  const numberRuns = text
    .replace(/[\p{Z}\t\v\f\p{M}\p{Cf}().-]/gu, (c) => (/[\u2028\u2029]/.test(c) ? c : ''))
    .match(/[\p{Nd}\p{No}]+/gu)
  return {
    words,
    lines,
    bytes: new TextEncoder().encode(text).length,
    letters: count(/[\p{L}\p{Nl}]/gu),
    numbers: count(/[\p{Nd}\p{No}]/gu),
    unspaced: [...text].filter(isUnspaced).length,
    chunks: chunks.length,
    letteredChunks: chunks.filter((chunk) => /[\p{L}\p{Nl}]/u.test(chunk)).length,
    longestNumber: Math.max(0, ...(numberRuns ?? []).map((run) => [...run].length)),
  }
}

function readable(text: string) {
  const { words, lines, bytes, letters, numbers, unspaced, chunks, letteredChunks, longestNumber } = outlineOf(text)
  const pairs = ({ count, starts, ends }: typeof lines) =>
    Array.from({ length: count }, (_, i): [number, number] => [starts[i], ends[i]])
  const spans = { words: pairs(words), lines: pairs(lines) }
  return { ...spans, bytes, letters, numbers, unspaced, chunks, letteredChunks, longestNumber }
}

describe('outlineOf', () => {
  it('equals its plain definition', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(readable(text)).toEqual(plainOutline(text))
      }),
      { numRuns: 3000 },
    )
  })

  it('gives equal words equal hashes, whatever their case, and others other ones', () => {
    const word = fc.constantFrom(
      'a',
      'b',
      'ab',
      'ba',
      'Aa',
      'қаз',
      'ҚАЗ',
      '12',
      '21',
      '中',
      '𠀀',
      '𠀁',
      '𝐀𝐛',
      '𝐛𝐀',
      'é',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (list) => {
        const { hashes, count } = outlineOf(list.join(' ')).words
        const names = list
          .flatMap((each) => (/^[中𠀀𠀁]/u.test(each) ? [...each] : [each]))
          .map((each) => each.toLowerCase())
        expect(count).toBe(names.length)
        for (let i = 0; i < count; i++) {
          for (let j = 0; j < i; j++) expect(hashes[i] === hashes[j]).toBe(names[i] === names[j])
        }
      }),
    )
  })

  it('keeps what it has given away, and texts of any length', () => {
    const line = 'Сәлем, әлем! One 2 three.\n'
    const first = outlineOf(line)
    const before = readable(line)
    // More words and more lines than fit into one room, and a text longer than the short way takes.
    const long = outlineOf(line.repeat(20_000))
    for (let i = 0; i < 5000; i++) outlineOf(`${line}${line}`)
    const second = outlineOf(line)
    expect([...first.words.hashes]).toEqual([...second.words.hashes])
    expect([...first.words.starts, ...first.lines.ends]).toEqual([...second.words.starts, ...second.lines.ends])
    expect([first.words.count, first.lines.count]).toEqual([5, 1])
    expect([long.words.count, long.lines.count, long.bytes]).toEqual([100_000, 20_000, 20_000 * before.bytes])
    expect(long.words.hashes.subarray(-5)).toEqual(first.words.hashes)
    expect(long.words.starts[99_999] - line.length * 19_999).toBe(first.words.starts[4])
    expect(long.words.hashes.every((hash, i) => hash === first.words.hashes[i % 5])).toBe(true)
    expect(outlineOf('😀\ud800'.repeat(9000)).bytes).toBe(7 * 9000)
  })

  it('is the same for long texts, whose words are counted before', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 400, max: 900 }), (text, times) => {
        const long = text.repeat(Math.ceil((40 * times) / Math.max(text.length, 1)))
        const { words, lines } = outlineOf(long)
        const plain = plainOutline(long)
        expect([...words.starts]).toEqual(plain.words.map(([start]) => start))
        expect([...words.ends]).toEqual(plain.words.map(([, end]) => end))
        expect(lines.count).toBe(plain.lines.length)
      }),
      { numRuns: 30 },
    )
  })
})
