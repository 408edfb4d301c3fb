import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Draft } from './filter.ts'
import { repair } from './repair.ts'

const draft = (text: string, language?: string) =>
  new Draft({ id: 'a', text, source: 's', meta: language === undefined ? {} : { language } })

function repaired(text: string, language?: string): string {
  const verdict = repair().judge(draft(text, language))
  if (verdict !== undefined && 'drop' in verdict) throw new Error(verdict.why)
  return verdict?.text ?? text
}

/** UTF-8 of a text, read as the host reads a code page. */
const misread = (text: string, page: 'windows-1252' | 'windows-1251') =>
  new TextDecoder(page).decode(new TextEncoder().encode(text))

describe('repair', () => {
  it('leaves good text alone, and says nothing', () => {
    for (const text of [
      '',
      'Plain ASCII,\n\twith a tab.\n\n\nAnd two empty lines.\n',
      'Сәлем, әлем! Қазақстан Республикасы — «Абай жолы», 5 000 ₸…',
      'Съешь ещё этих мягких французских булок, да выпей чаю №5.',
      // Letters of other languages that look like or are near those of Kazakh.
      'Бөтен кешеләр тормышында иң яңа һәм җиңел эш', // Tatar
      'Кыргызстандын жаңы өкмөтү үчүн', // Kyrgyz
      'Саха тыла саҥа тыл ҕ', // Yakut
      'Іноземні мови: їжак, ґанок, Різдво', // Ukrainian
      'Azərbaycan dili və Türkiye’de ılık iğne', // Azerbaijani, Turkish
      'Ол iPhone мен Windows-ты, Wi-Fi және API-ді біледі; USBге, APIлар мен HTTPті де; əlipbi',
      'Љубав њива ђак џеп Ћ', // Serbian
      'می‌خواهم', // Persian, with a joiner that belongs there
      'क्‍ष', // Hindi, likewise
      '👩‍💻 👨‍👩‍👧 ❤️',
      'ภาษา​ไทย', // Thai, with a space of no width between words
      'ТІСІ ПЕН ТІЛІ, СІ-РІ, ВІ',
      'Voilà… «CAFÉ» et “MAMÃ” ; MAÇÃ» ; EL PERÚ”, é», à®… Ångström Ä»',
    ]) {
      expect(repair().judge(draft(text)), text).toBeUndefined()
    }
  })

  it.each([
    ['a\r\nb\rc\u2028d\u000be', 'a\nb\nc\nd\ne'],
    ['a\u2029b', 'a\n\nb'],
    ['a \t\nb  ', 'a\nb'],
    ['a\n\n\n\n\n\nb', 'a\n\n\nb'],
    ['a\n \n \n \n \nb', 'a\n\n\nb'],
    ['1\u00a0000\u202f₸\u3000x', '1 000 ₸ x'],
    ['\ufeffa\u0000b\u0007c\u001bd\u0085e', 'abcd\ne'],
    ['so\u00adft \u200ezero\u200b\u202ewidth\u2066\u2060', 'soft zerowidth'],
    ['cafe\u0301 и\u0306', 'café й'],
    ['\u1100\u1161', '가'],
    [`${'a'.repeat(400)}\ufffd\ufffd\ufffdb\ud800`, `${'a'.repeat(400)}\ufffdb\ufffd`],
  ])('mends %j', (text, wanted) => {
    expect(repaired(text)).toBe(wanted)
  })

  it.each([
    ['Қaзiргi əлем: бiз oсы кyнi Қазақстанда тұрамыз', 'Қазіргі әлем: біз осы куні Қазақстанда тұрамыз'],
    ['Θмір мен өлең, қаhарман', 'Өмір мен өлең, қаһарман'],
    ['ҥанша? меніӊ елім қандай', 'ңанша? менің елім қандай'],
    ['Москвa и Kазань', 'Москва и Казань'],
    ['Рiздво — їжак і мiсто', 'Різдво — їжак і місто'],
  ])('puts Cyrillic letters for their look-alikes: %s', (text, wanted) => {
    expect(repaired(text)).toBe(wanted)
  })

  it('puts letters that only some alphabets have where the text has them, or its language is said', () => {
    expect(repaired('мiр и 3iмa')).toBe('мiр и 3iмa')
    expect(repaired('мiр', 'kk')).toBe('мір')
  })

  it.each([
    ['itâ€™s a â€œquoteâ€\x9d â€” cafÃ©', 'it’s a “quote” — café'],
    ['Ð¡Ó™Ð»ÐµÐ¼, Ó™Ð»ÐµÐ¼', 'Сәлем, әлем'],
    ['РЎУ™Р»РµРј, Ò›Ð°Ð·Ð°Ò›', 'Сәлем, қазақ'],
    ['donвЂ™t', 'don’t'],
    // What may be meant is mended beside two that are beyond doubt, and not beside one.
    ['itâ€™s PERÚ” Ð¸', 'it’s PERÚ” Ð¸'],
    ['itâ€™s donâ€™t Ð¸', 'it’s don’t и'],
    ['20Â°C, Ã¼ber', '20°C, über'],
    ['ä½\xa0å¥½', '你好'],
  ])('mends misread UTF-8: %s', (text, wanted) => {
    expect(repaired(text)).toBe(wanted)
  })

  it('mends what the host misread, in any words of Kazakh, Russian and French', () => {
    const word = fc.constantFrom(
      ...[
        'қазақстан',
        'тілі',
        'әлемде',
        'өмір',
        'үшін',
        'ғылым',
        'һәм',
        'Москва',
        'жизнь',
        'человек',
        'déjà',
        'œuvre',
        'naïf',
      ],
      ...['plain', '1999', '«Абай»', 'l’été'],
    )
    const certain = { 'windows-1252': 'қазақстан déjà', 'windows-1251': 'қазақстан человек' }
    fc.assert(
      fc.property(
        fc.constantFrom('windows-1252' as const, 'windows-1251' as const),
        fc.array(word, { maxLength: 8 }),
        (page, words) => {
          const text = [certain[page], ...words].join(' ')
          expect(repaired(misread(text, page))).toBe(text)
        },
      ),
      { numRuns: 200 },
    )
    const twice = misread(misread('Қазақстан Республикасы', 'windows-1252'), 'windows-1252')
    expect(repaired(twice)).toBe('Қазақстан Республикасы')
  })

  it('leaves out what is mostly lost, and counts what it does', () => {
    expect(repair().judge(draft('a\ufffdb\ufffd'))).toEqual({
      drop: 'lost characters',
      why: '2 of 4 characters are U+FFFD',
    })
    expect(repair({ mostLost: 1 }).judge(draft('a\ufffdb\ufffd'))).toBeUndefined()
    const verdict = repair().judge(draft('a\r\nb\u00a0c \u200b'))
    expect(verdict).toMatchObject({
      did: { 'line ends': 1, 'odd spaces': 1, 'invisible characters': 1, 'trailing spaces': 1 },
    })
    expect(repair({ mojibake: false, lookAlikes: false }).judge(draft('itâ€™s əлем ә'))).toBeUndefined()
  })

  it('takes any text, keeps letters and digits of ASCII, and leaves nothing odd', () => {
    const piece = fc.constantFrom(
      ...[
        'Ð',
        '¡',
        'â',
        '€',
        '™',
        'Р',
        'џ',
        '\ufffd',
        '\ud83d',
        '\ude00',
        '\r',
        '\n',
        ' ',
        '\u200d',
        'ə',
        'қ',
        'і',
        'ұ',
        'e\u0301',
        'a',
        '7',
      ],
    )
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 60 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(any, (text) => {
        const verdict = repair({ mostLost: 1 }).judge(draft(text))
        const result = verdict !== undefined && 'text' in verdict ? verdict.text! : text
        expect(result).not.toMatch(/[^\P{Cc}\t\n]|[^\P{Z} ]|\ufeff|[ \t](\n|$)|\n{4}/u)
        expect(result.isWellFormed()).toBe(true)
        expect(result.replace(/[^0-9A-Z]/g, '')).toBe(text.replace(/[^0-9A-Z]/g, ''))
      }),
      { numRuns: 500 },
    )
  })

  it('is linear in text that is made to be slow', () => {
    const started = performance.now()
    for (const part of [' ', '\n', 'Ð', 'â€', 'aқ', 'hқ і', '\u0301', '\r', ' \n', 'Рџ', '\ufffd'])
      repair({ mostLost: 1 }).judge(draft(`${part.repeat(1e5)}x`))
    // A quadratic step would take 10¹⁰ operations for one of them.
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
