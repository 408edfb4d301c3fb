import { describe, expect, it } from 'vitest'
import { languageEvidence } from './language-evidence.ts'
import { languageMarks } from './language-marks.ts'

/** The same by strings and maps: Poisson counts of each letter, word and ending that any language of the script names. */
function byDefinition(text: string, script: string) {
  const languages = languageMarks.filter((marks) => marks.script === script)
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  const letters = words.join('')
  const endings = words.filter((word) => word.length > 3).map((word) => word.slice(-3))
  const lettersOf = ({ letters }: (typeof languages)[number]) =>
    new Map(letters.split(' ').map((entry) => [entry[0], Number(entry.slice(1)) / 1000]))
  const wordsOf = ({ words, share }: (typeof languages)[number]) => {
    const list = words.split(' ')
    const total = list.reduce((sum, _, i) => sum + 1 / (i + 2), 0)
    return new Map(list.map((word, i) => [word, share / (i + 2) / total]))
  }
  const endingsOf = ({ endings = '' }: (typeof languages)[number]) => {
    const list = endings.split(' ')
    return new Map(list.filter((ending) => ending.length === 3).map((ending) => [ending, 0.4 / list.length]))
  }
  const scores = languages.map((language) => {
    let score = -(language.rare ?? 0)
    const kinds = [
      { found: [...letters], total: letters.length, ratesOf: lettersOf, floor: 0.00015 },
      { found: words, total: words.length, ratesOf: wordsOf, floor: 0.0004 },
      { found: endings, total: words.length, ratesOf: endingsOf, floor: 0.004 },
    ]
    for (const { found, total, ratesOf, floor } of kinds) {
      const own = ratesOf(language)
      for (const mark of new Set(languages.flatMap((other) => [...ratesOf(other).keys()]))) {
        const rate = (own.get(mark) ?? 0) + floor
        score += found.filter((one) => one === mark).length * Math.log(rate) - total * rate
      }
    }
    return { language: language.language, score }
  })
  scores.sort((a, b) => b.score - a.score)
  return { language: scores[0].language, margin: scores[0].score - scores[1].score }
}

describe('languageEvidence', () => {
  it.each([
    ['Latn', 'The cat sat on the mat and looked at me'],
    ['Latn', 'Çocuklar bugün okula gitmediler çünkü hava çok soğuktu'],
    ['Latn', 'una casa'],
    ['Cyrl', 'Мысық кілемнің үстінде отырып маған қарап тұрды'],
    ['Cyrl', 'Кошка сидела на ковре и смотрела на меня'],
    ['Cyrl', 'архив'],
    ['Arab', 'جلست القطة على السجادة ونظرت إلي'],
  ])('is what its definition says, %s: %s', (script, text) => {
    const found = languageEvidence(text)
    const expected = byDefinition(text, script)
    expect(found).toMatchObject({ script, language: expected.language })
    // Hundreds of terms of size 10 are summed in another order.
    expect(Math.abs(found!.margin - expected.margin)).toBeLessThan(1000 * 10 * 2 ** -52 * 100)
  })

  it('does not care for case', () => {
    const text = 'ile gibi için çok değil olduğu tarafından'
    const large = text.toLocaleUpperCase('tr')
    expect(large).toContain('İLE GİBİ')
    const [small, capital] = [languageEvidence(text)!, languageEvidence(large)!]
    expect(capital.language).toBe('tr')
    // I stands for i too, so words with ı are not found; those with İ are.
    expect(capital.words).toBeGreaterThan(0.8 * small.words)
  })

  it('says how much of a text is foreign to the language', () => {
    expect(languageEvidence('The cat sat on the mat')?.foreign).toBe(0)
    expect(languageEvidence('The cąt sat on the mat and łooked at me')?.foreign).toBeCloseTo(2 / 30, 12)
    expect(languageEvidence('漢字')).toMatchObject({ script: 'Hani', language: 'zh' })
    expect(languageEvidence('漢字とかな')).toMatchObject({ script: 'Jpan', language: 'ja' })
    expect(languageEvidence('ελληνικά')).toMatchObject({ script: 'Zyyy' })
    expect(languageEvidence('123')).toBeUndefined()
  })

  it('takes time in proportion to the text', () => {
    const time = (length: number) => {
      const text = 'мысық '.repeat(length / 6)
      const start = performance.now()
      for (let i = 0; i < 5; i++) languageEvidence(text)
      return performance.now() - start
    }
    time(100_000)
    expect(time(1_000_000)).toBeLessThan(100 * Math.max(1, time(100_000)))
  })
})
