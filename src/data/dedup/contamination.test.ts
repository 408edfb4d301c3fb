import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineOf } from '../index.ts'
import { Contamination, type ContaminationOptions } from './contamination.ts'
import { contaminationFilter } from './contamination-filter.ts'

const question = 'Which of these planets has a day that is longer than its own year, and why is that so?'
const words = (first: number, count: number) => Array.from({ length: count }, (_, i) => `word${first + i}`).join(' ')
const clean = (text: string, items: readonly string[], options?: ContaminationOptions) =>
  new Contamination(
    items.map((item, i) => ({ id: `item ${i}`, text: item })),
    options,
  ).clean(outlineOf(text))

describe('Contamination', () => {
  it('finds an item whatever its capitals and punctuation, and names it', () => {
    const text = `${words(0, 300)}. "${question.toUpperCase().replaceAll(',', ' --')}" ${words(500, 300)}`
    const { items, pieces, fellInto } = clean(text, ['Something else altogether.', question])
    expect(items).toEqual(['item 1'])
    expect(fellInto).toBe(2)
    expect(pieces.join('')).not.toMatch(/planets/i)
  })

  it('removes the collision and 200 characters on either side', () => {
    const [before, after] = [words(0, 300), words(500, 300)]
    const { pieces } = clean(`${before} ${question} ${after}`, [question])
    expect(pieces).toEqual([before.slice(0, before.length - 199), after.slice(198)]) // spaces and the question mark are no words
  })

  it('needs 13 words in a row', () => {
    const twelve = question.split(' ').slice(0, 12).join(' ')
    expect(clean(`${twelve} ${words(0, 50)}`, [question]).items).toEqual([])
    expect(clean(`${twelve} own ${words(0, 50)}`, [question]).items).toEqual(['item 0'])
  })

  it('looks for short items as a whole when told to', () => {
    const short = 'Who wrote the first book of all books?'
    const text = `${words(0, 100)} ${short} ${words(200, 100)}`
    expect(clean(text, [short]).items).toEqual([])
    expect(clean(text, [short], { shortest: 8 }).items).toEqual(['item 0'])
    expect(clean(text.replace('books', 'letters'), [short], { shortest: 8 }).items).toEqual([])
    expect(new Contamination([{ id: 'a', text: short }]).leftOut).toEqual(['a'])
    expect(clean(`${short} ${question}`, [question, short], { shortest: 8 }).items).toEqual(['item 1', 'item 0'])
  })

  it('takes out a long item together with a short one within it', () => {
    const long = question.split(' ').slice(0, 13)
    const items = [long.join(' '), long.slice(2, 10).join(' ')]
    const { pieces } = clean(`before ${long.join(' ')} after`, items, { shortest: 8, margin: 0, shortestPiece: 1 })
    expect(pieces).toEqual(['before ', ' after'])
  })

  it('finds each gram of many', () => {
    const contamination = new Contamination([{ id: 'long', text: words(0, 3000) }])
    for (let i = 0; i + 13 <= 3000; i += 7) {
      expect(contamination.clean(outlineOf(`x ${words(i, 13)} y`)).items, `from word ${i}`).toEqual(['long'])
      expect(contamination.clean(outlineOf(`x ${words(i, 12)} y`)).items).toEqual([])
    }
  })

  it('drops pieces of fewer than 200 characters', () => {
    expect(clean(`${words(0, 5)} ${question}`, [question]).pieces).toEqual([])
    expect(clean(`${words(0, 60)} ${question}`, [question]).pieces).toHaveLength(1)
  })

  it('ignores grams of more than ten documents, when they were counted', () => {
    const text = `${words(0, 100)} ${question} ${words(200, 100)}`
    for (const [documents, collisions] of [
      [10, 1],
      [11, 0],
    ]) {
      const contamination = new Contamination([{ id: 'a', text: question }])
      for (let i = 0; i < documents; i++) contamination.collect(outlineOf(`${text} ${question}`))
      expect(contamination.clean(outlineOf(text)).items).toHaveLength(collisions)
    }
  })

  it('takes out of a text exactly what the definition takes out', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 })
    const settings = { items: fc.array(letters, { maxLength: 3 }), text: letters, margin: fc.nat({ max: 4 }) }
    fc.assert(
      fc.property(fc.record(settings), ({ items, text, margin }) => {
        const n = 4
        const joined = text.join(' ')
        const gone = Array.from({ length: joined.length }, () => false)
        const grams = items.flatMap((item) =>
          item.map((_, i) => item.slice(i, i + n)).filter((gram) => gram.length === n),
        )
        text.forEach((_, i) => {
          if (!grams.some((gram) => String(gram) === String(text.slice(i, i + n)))) return
          // Letter i stands at code unit 2i.
          for (let at = 2 * i - margin; at < 2 * (i + n) - 1 + margin; at++) if (at in gone) gone[at] = true
        })
        const kept = [...joined].map((letter, i) => (gone[i] ? '|' : letter)).join('')
        const expected = gone.includes(true) ? kept.split('|').filter(Boolean) : [joined]
        const options = { words: n, margin, shortestPiece: 1 }
        const found = clean(
          joined,
          items.map((item) => item.join(' ')),
          options,
        )
        expect(found.pieces).toEqual(expected)
        if (gone.includes(true)) expect(found.fellInto).toBe(expected.length)
        expect(found.collisions).toBe(kept.split(/\|+/).length - 1)
      }),
    )
  })

  it('does not cut characters in two', () => {
    const balloons = '🎈'.repeat(150)
    const { pieces } = clean(`${balloons}-${question}-${balloons}`, [question], { margin: 2, shortestPiece: 1 })
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
    expect(pieces).toHaveLength(2)
  })

  it('has a fingerprint of its items and of what is common', () => {
    const make = (text: string) => new Contamination([{ id: 'a', text }])
    const print = make(question).fingerprint
    expect(print).toMatch(/^[0-9a-f]{16}$/)
    expect(make(question).fingerprint).toBe(print)
    expect(make(`${question} Really?`).fingerprint).not.toBe(print)
    const counted = make(question)
    counted.documents.fill(11)
    expect(counted.fingerprint).not.toBe(print)
  })
})

describe('contaminationFilter', () => {
  const filter = contaminationFilter(new Contamination([{ id: 'quiz', text: question }]))
  const judge = (text: string) => filter.judge({ outline: outlineOf(text) })

  it('keeps, changes and drops', () => {
    expect(judge(words(0, 100))).toBeUndefined()
    expect(judge(question)).toEqual({ drop: 'nothing but evaluation items', why: 'in common with quiz' })
    const [before, after] = [words(0, 100), words(200, 100)]
    const changed = judge(`${before} ${question} ${after}`)
    expect(changed?.text).toBe(`${before.slice(0, before.length - 199)}\n\n${after.slice(198)}`)
    expect(changed?.did).toEqual({ 'passages of evaluation items': 1 })
    expect(changed?.meta).toEqual({ evaluationItems: ['quiz'] })
    const often = Array.from({ length: 10 }, (_, i) => words(100 * i, 90)).join(` ${question} `)
    expect(judge(often)?.drop).toBeUndefined()
    expect(judge(`${often} ${question} ${words(2000, 90)}`)?.drop).toBe('evaluation items throughout')
  })
})
