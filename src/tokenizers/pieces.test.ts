import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eachPiece, longestPiece, pieceStream } from './pieces.ts'

function piecesOf(text: string): string[] {
  const pieces: string[] = []
  eachPiece(text, (whole, start, end) => pieces.push(whole.slice(start, end)))
  return pieces
}

/** GPT-2's own pattern, with \s as White_Space (JavaScript's \s has U+FEFF and lacks U+0085). */
const s = '\\p{White_Space}'
const pattern = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${s}\\p{L}\\p{N}]+|${s}+(?!\\P{White_Space})|${s}+`,
  'gu',
)

/** Text that is rich in what the pattern distinguishes. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '  ',
        '\n',
        '\r\n',
        "'",
        "'s",
        "'ll",
        "'re",
        'r',
        'e',
        'é',
        '1',
        '٣',
        '中',
        '😀',
        '𝒳',
        '\u0085',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
  )
  .map((parts) => parts.join('').toWellFormed())

describe('pieces', () => {
  it('cuts as GPT-2 does', () => {
    expect(piecesOf("Hello world's  end,\n\n 42!")).toEqual([
      'Hello',
      ' world',
      "'s",
      ' ',
      ' end',
      ',',
      '\n\n',
      ' 42',
      '!',
    ])
  })

  it('equals the regular expression', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(piecesOf(text)).toEqual(text.match(pattern) ?? [])
      }),
      { numRuns: 2000 },
    )
  })

  it('does not depend on where a stream is cut, even inside a character', () => {
    // Parts longer than what the stream gathers, so that every cut is really seen.
    const filler = 'word '.repeat(7000)
    fc.assert(
      fc.property(tricky, fc.nat(), fc.nat(), (text, a, b) => {
        const whole = filler + text + filler + text
        const first = filler.length + (a % (text.length + 1))
        const second = 2 * filler.length + text.length + (b % (text.length + 1))
        const got: string[] = []
        const stream = pieceStream((t, start, end) => got.push(t.slice(start, end)))
        for (const part of [whole.slice(0, first), whole.slice(first, second), whole.slice(second)]) stream.push(part)
        stream.end()
        expect(got).toEqual(piecesOf(whole))
      }),
      { numRuns: 60 },
    )
  })

  it("does not depend on a cut inside 're", () => {
    const filler = 'word '.repeat(7000)
    for (const text of ["we're", "we'rx", "'ll", "'", "''s"]) {
      for (let cut = 0; cut <= text.length; cut++) {
        const got: string[] = []
        const stream = pieceStream((t, start, end) => got.push(t.slice(start, end)))
        for (const part of [filler + text.slice(0, cut), text.slice(cut) + filler]) stream.push(part)
        stream.end()
        expect(got).toEqual(piecesOf(filler + text + filler))
      }
    }
  })

  it('cuts a run that is too long, in a stream as in a whole', () => {
    const text = 'a'.repeat(longestPiece + 10)
    expect(piecesOf(text).map((piece) => piece.length)).toEqual([longestPiece, 10])
    const got: number[] = []
    const stream = pieceStream((_, start, end) => got.push(end - start))
    for (let i = 0; i < text.length; i += 100_000) stream.push(text.slice(i, i + 100_000))
    stream.end()
    expect(got).toEqual([longestPiece, 10])
  })
})
