import { describe, expect, it } from 'vitest'
import { c4 } from './c4.ts'
import { Draft } from './filter.ts'
import { countSentences, endsSentence } from './terminals.ts'

const judge = (text: string, options = {}, meta = {}) =>
  c4(options).judge(new Draft({ id: 'a', text, source: 's', meta }))

const lines = ['It rained all day long.', 'Nobody went out of doors!', 'Did the cat mind it?']
const good = lines.join('\n')

describe('c4', () => {
  it('keeps sentences, and takes lines that are none', () => {
    expect(judge(good)).toBeUndefined()
    expect(judge(`Menu of the day\n\n${good}\nOh no.\n\n\nMore about cats and rain`)).toEqual({
      text: `\n${good}\n\n`,
      did: { 'lines without an end': 2, 'lines of few words': 1 },
    })
    expect(judge(`A heading\n${good}`, { terminals: false, leastLineWords: 0 })).toBeUndefined()
  })

  it.each([
    ['Please enable JavaScript to see this page.', 'lines about JavaScript'],
    ['Сайт использует файлы cookie для удобства.', 'lines about policies'],
    ['Құпиялылық саясаты осы жерде жазылған.', 'lines about policies'],
    ['By going on you accept our Privacy-Policy.', 'lines about policies'],
  ])('takes %s', (line, reason) => {
    expect(judge(`${good}\n${line}`)).toEqual({ text: `${good}\n`, did: { [reason]: 1 } })
  })

  it('keeps lines that only name JavaScript', () => {
    expect(judge(`${good}\nJavaScript is a language that runs in browsers.`)).toBeUndefined()
  })

  it('drops documents', () => {
    expect(judge('One line is not much.\nTwo are not more.')).toEqual({
      drop: 'too few sentences',
      why: '2 sentences; at least 3 are asked for',
    })
    expect(judge(`${good} Lorem Ipsum dolor sit.`)).toMatchObject({ drop: 'lorem ipsum' })
    expect(judge(`${good} { x }`)).toMatchObject({ drop: 'curly braces' })
    expect(judge(`${good} { x }.`, { mostBraces: 0.1 })).toBeUndefined()
    expect(judge('{ x }', {}, { kind: 'code' })).toBeUndefined()
  })

  it('knows the ends of sentences of other scripts, and asks none of scripts without them', () => {
    for (const text of [
      '今天下雨了。\n没有人出门！\n猫会在意吗？',
      '今日は雨が降った。誰も出なかった。猫は気にした？',
      'هل جاء المطر اليوم؟\nلم يخرج أحد من البيت.\nنامت القطة طول النهار۔',
      'आज दिन भर बारिश हुई।\nकोई बाहर नहीं गया।\nबिल्ली सोती रही।',
      'Այսօր անձրև եկավ։\nՈչ ոք դուրս չեկավ։\nԿատուն քնած էր։',
      'วันนี้ฝนตกทั้งวัน\nไม่มีใครออกไปข้างนอก\nแมวนอนหลับอยู่บนหลังคา',
      'Бүгін күні бойы жаңбыр жауды.\nЕшкім далаға шықпады…\n«Мысық ұйықтап жатыр».',
    ]) {
      expect(judge(text), text).toBeUndefined()
    }
  })
})

describe('ends of sentences', () => {
  it('stand behind brackets and marks of emphasis, before spaces', () => {
    for (const line of ['a.', 'a!)', '*a.*', 'a…  ', '“a”', 'a?»', '「あ」']) {
      expect(endsSentence(line, 0, line.length), line).toBe(true)
    }
    for (const line of ['', 'a', 'a,', 'a:', '(a)', '  ']) expect(endsSentence(line, 0, line.length), line).toBe(false)
  })

  it('are counted where a space or the end follows', () => {
    const count = (text: string) => countSentences(text, 0, text.length, 99)
    expect(
      ['', 'a', 'a. b', 'a. b.', 'v1.5 is out', 'a.b.c', 'what?! yes...', '好。好。', 'a." b.'].map(count),
    ).toEqual([1, 1, 1, 2, 1, 1, 2, 2, 2])
  })
})
