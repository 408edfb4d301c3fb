import { describe, expect, it } from 'vitest'
import { declaration, languages } from '../../../bench/texts/declaration.ts'
import { against, whyNot } from '../../../test/tokenizers/oracles.ts'
import { defaultFilters } from './default-filters.ts'
import type { Filter } from './filter.ts'
import { length } from './length.ts'
import { runFilters, talliesOf } from './run-filters.ts'

const document = (text: string, meta = {}, id = 'a') => ({ id, text, source: 's', meta })

/** A few sentences in each of twelve languages and more, of our own. */
const prose: Readonly<Record<string, string>> = {
  en: 'In the morning the children went to the river with their father. The water was cold and clear, and nobody wanted to be the first. Then the youngest of them jumped.',
  kk: 'Таңертең балалар әкесімен бірге өзенге барды. Су суық және мөлдір еді, сондықтан ешкім бірінші болып түскісі келмеді. Сонда ең кішісі суға секірді де, бәрі күліп жіберді.',
  ru: 'Утром дети пошли с отцом на реку. Вода была холодной и прозрачной, и никто не хотел быть первым. Тогда самый младший прыгнул, и все засмеялись.',
  ky: 'Эртең менен балдар атасы менен дарыяга барышты. Суу муздак жана тунук эле, ошондуктан эч ким биринчи болгусу келген жок. Анан эң кичүүсү сууга секирди.',
  tt: 'Иртән балалар әтиләре белән елгага барды. Су салкын һәм чиста иде, шуңа күрә беркем дә беренче буласы килмәде. Аннары иң кечесе суга сикерде.',
  uz: 'Ertalab bolalar otasi bilan daryoga borishdi. Suv sovuq va tiniq edi, shuning uchun hech kim birinchi bo‘lishni istamadi. Keyin eng kichigi suvga sakradi.',
  tr: 'Sabah çocuklar babalarıyla birlikte nehre gitti. Su soğuk ve berraktı, bu yüzden kimse ilk olmak istemedi. Sonra en küçükleri suya atladı ve herkes güldü.',
  de: 'Am Morgen gingen die Kinder mit ihrem Vater an den Fluss. Das Wasser war kalt und klar, und niemand wollte der Erste sein. Dann sprang das jüngste Kind.',
  fr: 'Le matin, les enfants sont allés à la rivière avec leur père. L’eau était froide et claire, et personne ne voulait être le premier. Puis le plus jeune a sauté.',
  es: 'Por la mañana los niños fueron al río con su padre. El agua estaba fría y clara, y nadie quería ser el primero. Entonces saltó el más pequeño de todos.',
  zh: '早上，孩子们和父亲一起去了河边。河水又冷又清，谁也不想第一个下去。后来最小的孩子跳了进去，大家都笑了。',
  ja: '朝、子どもたちは父親といっしょに川へ行った。水は冷たくて澄んでいて、だれも最初に入りたがらなかった。すると一番小さい子が飛びこんだ。',
  ar: 'في الصباح ذهب الأطفال مع أبيهم إلى النهر. كان الماء باردا وصافيا، ولم يرد أحد أن يكون الأول. ثم قفز أصغرهم وضحك الجميع.',
  th: 'ตอนเช้าเด็ก ๆ ไปที่แม่น้ำกับพ่อ น้ำเย็นและใส ไม่มีใครอยากลงไปเป็นคนแรก แล้วเด็กคนเล็กที่สุดก็กระโดดลงไป ทุกคนหัวเราะ',
}

describe('defaultFilters', () => {
  it.each(Object.entries(prose))('let good %s through as it is', (language, text) => {
    const filters = defaultFilters({ gopher: { leastWords: 20 } })
    for (const meta of [{ language }, {}]) {
      expect(runFilters(filters, document(text, meta), talliesOf(filters))).toEqual(document(text, meta))
    }
  })

  it('stand in an order in which each reads what the one before it leaves', () => {
    const language: Filter = { name: 'language', settings: 1, judge: () => ({ meta: { language: 'de' } }) }
    const filters = defaultFilters({ language, length: false, gopher: { leastWords: 5 } })
    expect(filters.map(({ name }) => name)).toEqual([
      'repair',
      'language',
      'line-rules',
      'c4',
      'gopher',
      'repetition',
      'privacy',
    ])
    const tallies = talliesOf(filters)
    // English stop words do not help a text that is said to be German.
    expect(runFilters(filters, document(prose.en), tallies)).toBeUndefined()
    expect(tallies[4].report().dropped).toHaveProperty(['too few stop words'])
    expect(tallies[5].report().in.documents).toBe(0)
  })
})

against('defaultFilters on the Universal Declaration of Human Rights', whyNot('udhr'), () => {
  const tags: Readonly<Record<string, string>> = {
    ...{
      eng: 'en',
      kaz: 'kk',
      rus: 'ru',
      kir: 'ky',
      tat: 'tt',
      uzn_latn: 'uz',
      uzn_cyrl: 'uz',
      tur: 'tr',
      deu_1996: 'de',
    },
    ...{
      fra: 'fr',
      spa: 'es',
      ita: 'it',
      por_PT: 'pt',
      ukr: 'uk',
      azj_latn: 'az',
      bak: 'ba',
      cmn_hans: 'zh',
      arb: 'ar',
    },
  }

  it('drop none of its languages for a rule made for another', () => {
    const filters = defaultFilters()
    const tallies = talliesOf(filters)
    const dropped: string[] = []
    for (const code of languages()) {
      const meta = code in tags ? { language: tags[code] } : {}
      if (runFilters(filters, document(declaration(code).join('\n'), meta, code), tallies) === undefined)
        dropped.push(code)
    }
    // Beginnings of a translation, of less than 60 words; and languages whose formulas come again and again in it.
    expect(dropped).toEqual([
      '055',
      'guu',
      'kha',
      'khk_mong',
      'mcf',
      'piu',
      'rar',
      'sot',
      'taj',
      'tca',
      'tgl_tglg',
      'ton',
      'tzm_tfng',
    ])
    const reports = Object.fromEntries(tallies.map((tally) => [tally.stage, tally.report()]))
    expect(Object.keys(reports.c4.dropped)).toEqual(['too few sentences'])
    expect(reports.c4.dropped['too few sentences'].examples.map(({ id }) => id)).toEqual([
      'khk_mong',
      'tgl_tglg',
      'tzm_tfng',
    ])
    expect(Object.keys(reports.gopher.dropped)).toEqual(['too few words'])
    expect(reports.repetition.in.documents - reports.repetition.out.documents).toBe(9)
    // Nothing is misread, nothing looks like another letter, and nobody is masked.
    expect(Object.keys(reports.repair.changed).sort()).toEqual([
      'control characters',
      'invisible characters',
      'normal form',
      'odd spaces',
    ])
    expect(reports.privacy.changed).toEqual({})
  })
})

describe('runFilters', () => {
  const shorten: Filter = {
    name: 'shorten',
    settings: null,
    judge: ({ text }) => (text.length > 3 ? { text: text.slice(0, 3), did: { cuts: 2, marks: 1 } } : undefined),
  }
  const label: Filter = {
    name: 'label',
    settings: null,
    judge: ({ outline }) => ({ meta: { words: outline.words.count } }),
  }

  it('counts every document and byte of every filter', () => {
    const filters = [length({ least: 2 }), shorten, label]
    const tallies = talliesOf(filters)
    expect(runFilters(filters, document('қазақ тілі', { old: 1 }), tallies)).toEqual(
      document('қаз', { old: 1, words: 1 }),
    )
    expect(runFilters(filters, document('x'), tallies)).toBeUndefined()
    expect(runFilters(filters, document('ab'), tallies)).toEqual(document('ab', { words: 1 }))
    const [first, second, third] = tallies.map((tally) => tally.report())
    expect([first.in, first.out]).toEqual([
      { documents: 3, bytes: 22 },
      { documents: 2, bytes: 21 },
    ])
    expect(first.dropped['too short']).toMatchObject({ documents: 1, bytes: 1 })
    expect([second.in, second.out]).toEqual([
      { documents: 2, bytes: 21 },
      { documents: 2, bytes: 8 },
    ])
    expect(second.changed.cuts).toMatchObject({
      documents: 1,
      bytes: 13,
      examples: [{ why: '2 times', excerpt: 'қазақ тілі' }],
    })
    expect(second.changed.marks).toMatchObject({ documents: 1, bytes: 0 })
    expect([third.in, third.out]).toEqual([second.out, second.out])
  })
})
