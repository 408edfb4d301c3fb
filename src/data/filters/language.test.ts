import { describe, expect, it } from 'vitest'
import { languageIdentifier } from '../language/index.ts'
import { Draft } from './filter.ts'
import { language } from './language.ts'

const draft = (text: string) => new Draft({ id: 'a', text, source: 's', meta: {} })
const identifier = await languageIdentifier()
const kazakh = 'Бүгін ауа райы жақсы, сондықтан біз балалармен бірге далаға шықтық.'
const english = 'The weather is fine today, so we went out with the children.'

describe('language', () => {
  it('says what a document is written in', () => {
    const filter = language({ identifier })
    const judged = draft(kazakh)
    judged.change(filter.judge(judged) as object)
    expect(judged.language).toBe('kk')
    expect(judged.meta).toMatchObject({ language: 'kk', script: 'Cyrl' })
    expect(judged.meta.languageConfidence).toBeGreaterThan(0.9)
    expect(filter.judge(draft('12 + 30 = 42'))).toBeUndefined()
  })

  it('leaves out other languages', () => {
    const filter = language({ identifier, keep: ['kk', 'ru'] })
    expect(filter.judge(draft(kazakh))).toHaveProperty('meta.language', 'kk')
    expect(filter.judge(draft(english))).toMatchObject({
      drop: 'other language',
      why: expect.stringMatching(/^en, confidence .*kk, ru$/),
    })
    expect(filter.judge(draft('12 + 30 = 42'))).toMatchObject({ drop: 'no language' })
  })

  it('leaves out what nobody can be sure of', () => {
    const unsure = { ...identifier, identify: () => ({ language: 'kk', confidence: 0.4 }) }
    expect(language({ identifier: unsure, keep: ['kk'] }).judge(draft(kazakh))).toEqual({
      drop: 'unsure of the language',
      why: 'kk, confidence 0.4; at least 0.5 is asked for',
    })
    const lenient = language({ identifier: unsure, keep: ['kk'], leastConfidence: 0.3 })
    expect(lenient.judge(draft(kazakh))).toEqual({ meta: { language: 'kk', languageConfidence: 0.4 } })
  })

  it('tells settings apart', () => {
    const settings = [{}, { keep: ['kk'] }, { keep: ['kk'], leastConfidence: 0.9 }].map((options) =>
      JSON.stringify(language({ identifier, ...options }).settings),
    )
    expect(new Set(settings).size).toBe(3)
    expect(() => language({ identifier, leastConfidence: 2 })).toThrow(
      /leastConfidence is 2; expected a number from 0 to 1/,
    )
  })
})
