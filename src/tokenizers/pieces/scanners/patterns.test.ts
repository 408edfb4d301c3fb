import { describe, expect, it } from 'vitest'
import type { StageJson } from '../../stages.ts'
import { namedScanner, patternNames, scannerOfPattern } from './patterns.ts'

function split(Regex: string, behavior = 'Isolated', invert = false): StageJson {
  return { type: 'Split', pattern: { Regex }, behavior, invert }
}

/** What tells the scanners apart. */
const probe = new TextEncoder().encode(
  "it'S we'\u017fx 123456 hasOwnHTML HTMLParser हिन्दी a!\u0301b\n/ 中ア・\0\0a \n ",
)

function cuts(json: StageJson): number[] | undefined {
  const scanner = scannerOfPattern(json)
  if (scanner === undefined) return undefined
  const ends = [0]
  while (ends[ends.length - 1] < probe.length) ends.push(scanner.end(probe, ends[ends.length - 1], probe.length, true))
  return ends
}

const gpt4 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

describe('patterns of tokenizer.json', () => {
  it('are recognised as they are written', () => {
    const all = patternNames.map((name) => cuts(namedScanner(name).json)?.join())
    expect(all).not.toContain(undefined)
    // cl100k and Llama 3 are the same.
    expect(new Set(all).size).toBe(patternNames.length - 1)
  })

  it('are recognised in other spellings of the same', () => {
    const plain = cuts(split(gpt4))
    expect(plain).toBeDefined()
    expect(cuts(split(gpt4, 'Removed', true))).toEqual(plain)
    expect(cuts({ type: 'Sequence', pretokenizers: [split(gpt4)] })).toEqual(plain)
    expect(cuts(split(gpt4.replaceAll('\\r\\n', '\r\n')))).toEqual(plain)
    const possessive =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"
    expect(cuts(split(possessive))).toEqual(plain)
    const r50k = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s"
    expect(cuts(split(r50k))).toEqual(cuts(namedScanner('gpt2').json))
  })

  it('are told apart where they differ', () => {
    const plain = cuts(split(gpt4))
    const ascii = gpt4.replace(
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
      "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
    )
    for (const other of [
      gpt4.replace('{1,3}', ''),
      gpt4.replace('{1,3}', '{1,2}'),
      gpt4.replace('{1,3}', '+'),
      ascii,
    ]) {
      expect(cuts(split(other))).toBeDefined()
      expect(cuts(split(other))).not.toEqual(plain)
    }
  })

  it('are left alone where no scanner cuts so', () => {
    const deepseek = namedScanner('deepseek').json
    const removed = JSON.parse(
      JSON.stringify(deepseek).replaceAll('"Isolated","invert":false', '"Removed","invert":true'),
    )
    const none: unknown[] = [
      split(`${gpt4}|x`),
      split(gpt4, 'MergedWithNext'),
      split(gpt4, 'Removed'),
      // To Oniguruma this is one or more of up to three.
      split(gpt4.replace('{1,3}', '{1,3}+')),
      split(namedScanner('o200k').json.pattern === undefined ? '' : '[^\\r\\n\\p{L}\\p{N}]?+[\\p{L}\\p{M}]+'),
      removed,
      { type: 'Split', pattern: { String: gpt4 }, behavior: 'Isolated', invert: false },
      { type: 'Split', pattern: null, behavior: 'Isolated', invert: false },
      { type: 'Sequence', pretokenizers: [] },
      { type: 'Sequence', pretokenizers: [null, 1, 'Split'] },
      { type: 'Sequence', pretokenizers: 3 },
      { type: 'Digits', individual_digits: true },
    ]
    for (const json of none) expect(scannerOfPattern(json as StageJson), JSON.stringify(json)).toBeUndefined()
  })
})
