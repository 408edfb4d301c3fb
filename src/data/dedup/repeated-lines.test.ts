import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineOf } from '../index.ts'
import { type LineOptions, RepeatedLines } from './repeated-lines.ts'

function removed(texts: readonly string[], options: LineOptions): string[] {
  const outlines = texts.map(outlineOf)
  const lines = new RepeatedLines(options)
  for (const outline of outlines) lines.collect(lines.hashes(outline))
  return outlines.map((outline, i) => lines.remove(outline, i).text)
}

describe('RepeatedLines', () => {
  it('removes common lines from all but the first documents', () => {
    const texts = ['Menu\na', 'Menu\nb', 'c\nMenu', 'd\n  MENU. \ne']
    expect(removed(texts, { moreThan: 3, shortest: 1 })).toEqual(['Menu\na', 'b', 'c\n', 'd\ne'])
    expect(removed(texts, { moreThan: 3, keepFirst: 2, shortest: 1 })).toEqual(['Menu\na', 'Menu\nb', 'c\n', 'd\ne'])
    expect(removed(texts, { moreThan: 3, keepFirst: 0, shortest: 1 })).toEqual(['a', 'b', 'c\n', 'd\ne'])
    expect(removed(texts, { moreThan: 4, shortest: 1 })).toEqual(texts)
    expect(removed(texts, { moreThan: 3, shortest: 5 })).toEqual(texts)
    // The last one is written otherwise.
    expect(removed(texts, { moreThan: 2, shortest: 1, normalized: false }).at(-1)).toBe(texts.at(-1))
  })

  it('counts documents, not lines', () => {
    const texts = ['x\nx\nx\nx', 'x\ny']
    expect(removed(texts, { moreThan: 2, shortest: 1 })).toEqual(texts)
    expect(removed(texts, { moreThan: 1, shortest: 1 })).toEqual(['x\nx\nx\nx', 'y'])
  })

  it('is what counting in sets gives', () => {
    const text = fc.array(fc.constantFrom('alpha', 'beta', 'gamma', '', '--', '-- -'), { maxLength: 6 })
    const options = fc.record({ moreThan: fc.integer({ min: 2, max: 4 }), keepFirst: fc.integer({ min: 0, max: 2 }) })
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), options, (documents, { moreThan, keepFirst }) => {
        const holders = new Map<string, number[]>()
        documents.forEach((lines, i) => {
          for (const line of new Set(lines)) holders.set(line, [...(holders.get(line) ?? []), i])
        })
        const expected = documents.map((lines, i) =>
          lines.filter((line) => {
            const holding = holders.get(line)!
            return line === '' || holding.length <= moreThan || holding.indexOf(i) < keepFirst
          }),
        )
        const end = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('')
        const texts = documents.map(end)
        expect(removed(texts, { moreThan, keepFirst, shortest: 1 })).toEqual(expected.map(end))
      }),
    )
  })

  it('answers the second pass in any order, with hashes from elsewhere', () => {
    const texts = Array.from({ length: 50 }, (_, i) => `All rights reserved by nobody.\nText ${i} has this line.`)
    const outlines = texts.map(outlineOf)
    const elsewhere = new RepeatedLines()
    const lines = new RepeatedLines()
    const hashes = outlines.map((outline) => structuredClone(elsewhere.hashes(outline)))
    for (const each of hashes) lines.collect(each)
    for (let i = 49; i >= 0; i--) expect(lines.repeated(hashes[i], i)).toEqual(i === 0 ? [] : [0])
    expect(lines.documents(hashes[7].keys[0], hashes[7].keys[1])).toBe(50)
    expect(lines.documents(1, 1)).toBe(0)
  })

  it('says what is wrong', () => {
    expect(() => new RepeatedLines({ moreThan: 1, keepFirst: 2 })).toThrow('keepFirst')
    expect(() => new RepeatedLines().remove(outlineOf('a'), 0)).toThrow('not collected')
  })
})
