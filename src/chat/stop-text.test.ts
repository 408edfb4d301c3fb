import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stopText } from './stop-text.ts'

describe('stopText', () => {
  const letters = (most: number) => fc.string({ unit: fc.constantFrom('a', 'b', '😀', '\n'), maxLength: most })
  const stops = fc.array(
    letters(4).filter((stop) => stop !== ''),
    { maxLength: 3 },
  )

  it('gives the text up to the first stop string, wherever it was cut, and no later than it must', () => {
    fc.assert(
      fc.property(letters(30), stops, fc.array(fc.nat(5)), (text, stops, cuts) => {
        const watched = stopText(stops)
        const first = Math.min(...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0))
        const expected = first === Number.POSITIVE_INFINITY ? text : text.slice(0, first)
        let given = ''
        let from = 0
        for (const size of [...cuts, text.length]) {
          const piece = watched.push(text.slice(from, from + size))
          from += size
          given += piece
          expect(expected.startsWith(given)).toBe(true)
          expect(given.isWellFormed()).toBe(true)
          if (watched.stopped !== undefined) break
          // What is held back is the beginning of something.
          const rest = text.slice(given.length, Math.min(from, text.length))
          if (rest !== '') expect(stops.some((stop) => stop.startsWith(rest)) || !rest.isWellFormed()).toBe(true)
        }
        expect(given + watched.end()).toBe(expected)
        expect(watched.stopped === undefined).toBe(expected === text)
        if (watched.stopped !== undefined) expect(text.startsWith(watched.stopped, first)).toBe(true)
      }),
    )
  })

  it('takes the one that is given first of two at one place, and nothing after it', () => {
    const watched = stopText(['ab', 'abc'])
    expect(watched.push('xabc')).toBe('x')
    expect(watched.stopped).toBe('ab')
    expect(watched.push('more') + watched.end()).toBe('')
  })

  it('waits for one that may have begun before another', () => {
    const going = stopText(['abc', 'b'])
    expect([going.push('xab'), going.push('c'), going.stopped]).toEqual(['x', '', 'abc'])
    const other = stopText(['abc', 'b'])
    expect([other.push('xab'), other.push('d'), other.stopped]).toEqual(['x', 'a', 'b'])
    const ended = stopText(['abc', 'b'])
    expect([ended.push('xab'), ended.end(), ended.stopped]).toEqual(['x', 'a', 'b'])
  })

  it.each(['', '\ud83d'])('refuses %j', (stop) => {
    expect(() => stopText([stop])).toThrow('must be whole characters')
  })
})
