import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { trainBpe } from '../training/bpe-train.ts'
import { readTiktoken, writeTiktoken } from './tiktoken.ts'

const text = 'the cat sat on the mat, аа әліп пен би 😀 '.repeat(3)
const trained = trainBpe(text, { vocabSize: 300 })
const file = writeTiktoken(trained)
const read = (ranks: string | Uint8Array, name = 'x.tiktoken') =>
  readTiktoken(ranks, { pieces: 'r50k_base', specials: {}, file: name })

/** tiktoken's rule by its definition: the whole piece, or else the lowest rank of joined bytes, the leftmost of equals. */
function slowIds(ranks: ReadonlyMap<string, number>, piece: string): number[] {
  if (ranks.has(piece)) return [ranks.get(piece)!]
  const parts = [...piece]
  for (;;) {
    const joined = parts.slice(1).map((part, i) => ranks.get(parts[i] + part) ?? Number.POSITIVE_INFINITY)
    const best = Math.min(...joined)
    if (best === Number.POSITIVE_INFINITY) return parts.map((part) => ranks.get(part)!)
    const at = joined.indexOf(best)
    parts.splice(at, 2, parts[at] + parts[at + 1])
  }
}

describe('tiktoken rank files', () => {
  it('come back as they were written', () => {
    const back = read(file)
    expect(back.vocabSize).toBe(trained.vocabSize)
    expect(writeTiktoken(back)).toBe(file)
    expect([...back.encode(text)]).toEqual([...trained.encode(text)])
    expect(back.decode(back.encode(text))).toBe(text)
    expect([...read(new TextEncoder().encode(file.replaceAll('\n', '\r\n'))).encode(text)]).toEqual([
      ...trained.encode(text),
    ])
  })

  it('merge as the rule of tiktoken says, whatever tokens there are', () => {
    const letters = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 7 })
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { maxLength: 30 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 90, size: 'max' }),
        (words, piece) => {
          const tokens = [...letters, ...words]
          const ranks = new Map(tokens.map((token, rank) => [token, rank]))
          const lines = tokens.map((token, rank) => `${btoa(token)} ${rank}\n`).join('')
          expect([...read(lines).encode(piece)]).toEqual(slowIds(ranks, piece))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('have the special tokens of named encodings, and cut as these do', () => {
    const t = readTiktoken(file, { pieces: 'cl100k_base' })
    expect(t.specials).toEqual(
      new Map([
        ['<|endoftext|>', 100257],
        ['<|fim_prefix|>', 100258],
        ['<|fim_middle|>', 100259],
        ['<|fim_suffix|>', 100260],
        ['<|endofprompt|>', 100276],
      ]),
    )
    expect(t.encoding('1234').words).toEqual(Int32Array.of(0, 0, 0, 1))
    expect(readTiktoken(file, { file: 'a/p50k_edit.tiktoken' }).specials.get('<|fim_suffix|>')).toBe(50283)
    expect(() => readTiktoken(file, { pieces: 'x' as 'r50k_base' })).toThrow(/"x" is no encoding/)
    expect(() => readTiktoken(file, {})).toThrow(/is no encoding; give pieces/)
    expect(readTiktoken(file, { pieces: 'gpt2', specials: new Map([['<s>', 300]]) }).specials.get('<s>')).toBe(300)
  })

  const line = (number: number, content: string) =>
    file.replace(/.*\n/g, (each, at) => (at === starts[number - 1] ? content : each))
  const starts = [...file.matchAll(/^./gm)].map((match) => match.index)
  it.each([
    [line(3, 'IQ 2\n'), /x.tiktoken: line 3, column 3: expected base64/],
    [line(3, 'I*== 2\n'), /line 3, column 2: expected base64/],
    [line(3, 'IQ==2\n'), /line 3, column 5: expected base64/],
    [line(4, ' 3\n'), /line 4, column 1: expected base64/],
    [line(4, 'JA== \n'), /line 4, column 6: expected a whole number/],
    [line(4, 'JA== 3x\n'), /line 4, column 7: expected a whole number/],
    [line(4, 'JA== 99999999999\n'), /line 4.*out of range/],
    [line(4, 'JA== 2\n'), /line 4.*rank 2 is taken/],
    [line(280, 'JA== 279\n'), /the token of rank 279 has another rank too/],
    [line(2, ''), /x.tiktoken: bpe: no token stands for byte/],
    ['', /no token stands for byte 0/],
    ['A'.repeat(10_000_000), /line 1, column 10000001: expected base64/],
  ])('that are wrong are refused with the line (%#)', (ranks, message) => {
    expect(() => read(ranks)).toThrow(FormatError)
    expect(() => read(ranks)).toThrow(message)
  })

  it('are read, or refused with a FormatError, whatever bytes they hold', () => {
    const bytes = new TextEncoder().encode(file)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 20 }), fc.boolean(), (at, noise, cut) => {
        const changed = cut ? bytes.slice(0, at) : bytes.slice()
        changed.set(noise.subarray(0, Math.max(0, changed.length - at)), Math.min(at, changed.length))
        for (const each of [changed, noise]) {
          try {
            read(each).encode(text)
          } catch (error) {
            if (!(error instanceof FormatError)) throw error
          }
        }
      }),
    )
  })
})
