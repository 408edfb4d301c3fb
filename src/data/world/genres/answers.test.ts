import { describe, expect, it } from 'vitest'
import { world } from '../world.ts'

// Answers against what somebody else knows: the host's calendar and alphabet, and forms from grammars.

const reckoned = world({ genres: ['calendar', 'instructions'], families: 1, villages: 2 })
const asked = reckoned.questions({ language: 'en' })

type Check = readonly [kind: string, question: RegExp, answer: RegExp, holds: (...of: string[]) => boolean]

const weekdays = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')
const months = 'January February March April May June July August September October November December'.split(' ')
const after = (ring: readonly string[], from: string, steps: number) =>
  ring[(((ring.indexOf(from) + steps) % ring.length) + ring.length) % ring.length]
const minutes = (time: string) => Number(time.split(':')[0]) * 60 + Number(time.split(':')[1])
const days = (year: string, month: number) => new Date(Date.UTC(Number(year), month, 0)).getUTCDate()

const checks: readonly Check[] = [
  ['dayAfter', /is (\w+day)\b.* (\d+) days/, /is (\w+)\.$/, (from, n, to) => after(weekdays, from, +n) === to],
  ['dayBefore', /is (\w+day)\b.* (\d+) days/, /was (\w+)\.$/, (from, n, to) => after(weekdays, from, -n) === to],
  ['monthAfter', /is (\w+) now.* (\d+) months/, /is (\w+)\.$/, (from, n, to) => after(months, from, +n) === to],
  ['leapYear', /(\d{4})/, /^(Yes)/, (y) => days(y, 2) === 29],
  ['commonYear', /(\d{4})/, /^(No)/, (y) => days(y, 2) === 28],
  ['february', /(\d{4})/, /has (\d+) days/, (y, n) => days(y, 2) === +n],
  [
    'weekday',
    /(\d+) (\w+) (\d{4})/,
    /is a (\w+)\.$/,
    (d, m, y, day) =>
      new Date(Date.UTC(+y, months.indexOf(m), +d)).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }) ===
      day,
  ],
  ['timeLater', /(\d+:\d\d).* (\d+) minutes/, /is (\d+:\d\d)\.$/, (a, n, b) => (minutes(a) + +n) % 1440 === minutes(b)],
  [
    'timeEarlier',
    /(\d+:\d\d).* (\d+) minutes/,
    /was (\d+:\d\d)\.$/,
    (a, n, b) => (minutes(a) + 1440 - +n) % 1440 === minutes(b),
  ],
  [
    'monthsTogether',
    /(\w+) and (\w+)/,
    /= (\d+) days/,
    (a, b, n) => months.includes(b) && days('2023', months.indexOf(a) + 1) + days('2023', months.indexOf(b) + 1) === +n,
  ],
  ['change', /(\d+) tenge/, /costs (\d+) tenge, .* = (\d+) tenge/, (paid, price, rest) => +paid - +price === +rest],
  [
    'afford',
    /(\d+) tenge/,
    /costs (\d+) tenge, .*buy (\d+)\.$/,
    (paid, price, n) => +n * +price <= +paid && (+n + 1) * +price > +paid,
  ],
  ['product', /(\d+) \D+ (\d+)/, /= (\d+)\.$/, (a, b, c) => +a * +b === +c],
  ['largeSum', /(\d+) \D+ (\d+)/, /= (\d+)\.$/, (a, b, c) => +a + +b === +c],
  ['backwards', /"(\w+)"/, /(\w+)/, (word, back) => [...word].reverse().join('') === back],
  ['countLetters', /"(\w+)"/, /has (\d+) letters/, (word, n) => word.length === +n],
  ['letterOf', /"(\w+)"/, /(\w), (\w)/, (word, a, z) => word.startsWith(a) && word.endsWith(z)],
  [
    'sortNumbers',
    /(\d+, \d+, \d+)/,
    /(\d+, \d+, \d+)/,
    (given, sorted) =>
      given
        .split(', ')
        .sort((a, b) => +a - +b)
        .join(', ') === sorted,
  ],
  [
    'sortWords',
    /(\w+, \w+, \w+)/,
    /(\w+, \w+, \w+)/,
    (given, sorted) => given.split(', ').sort().join(', ') === sorted,
  ],
  ['more', /(\d+) \w+.* (\d+) more/, /= (\d+),.* (\d+) \w+\.$/, (a, b, c, again) => +a + +b === +c && c === again],
  ['boxes', /(\d+) \w+.* (\d+) \w+/, /= (\d+),.* (\d+) \w+\.$/, (a, b, c, again) => +a * +b === +c && c === again],
]

describe('answers', () => {
  it.each(checks)('of %s are true', (kind, question, answer, holds) => {
    let count = 0
    for (const each of asked) {
      if (each.kind !== kind) continue
      const [asks, tells] = [question.exec(each.question), answer.exec(each.answer)]
      if (!asks || !tells) continue // another wording of the same
      expect(holds(...asks.slice(1), ...tells.slice(1)), `${each.question} ${each.answer}`).toBe(true)
      count++
    }
    expect(count).toBeGreaterThan(3)
  })

  it('sort Kazakh words by the Kazakh alphabet, as the collation of Kazakh does', () => {
    const collator = new Intl.Collator('kk')
    const sorted = reckoned.questions({ language: 'kk' }).filter(({ kind }) => kind === 'sortWords')
    expect(sorted.length).toBeGreaterThan(1000)
    for (const { answer } of sorted) {
      const words = answer.split(', ')
      expect(words).toEqual([...words].sort(collator.compare))
    }
  })

  const forms: readonly (readonly [question: string, answer: string])[] = [
    ['Write the plural of "sheep".', 'sheep'],
    ['Write the plural of "goose".', 'geese'],
    ['«түйе» сөзін көпше түрде жаз.', 'түйелер'],
    ['«қаз» сөзін көпше түрде жаз.', 'қаздар'],
    ['«кітап» сөзін барыс септігінде жаз.', 'кітапқа'],
    ['«қой» сөзін ілік септігінде жаз.', 'қойдың'],
    ['«есек» сөзін шығыс септігінде жаз.', 'есектен'],
    ['Put the Kazakh word "алма" into the locative case.', 'алмада'],
    ['Say "my book" in Kazakh.', 'менің кітабым'],
    ['Say "my dog" in Kazakh.', 'менің итім'],
    ['«Ол» сөзімен «жаз» етістігін өткен шақта жаз.', 'ол жазды'],
    ['Болымсыз түрге айналдыр: Ол кеше айтты.', 'Ол кеше айтпады.'],
    ['Make this negative: They went yesterday.', 'They did not go yesterday.'],
    ['Сұраулы сөйлемге айналдыр: Бұл — кітап.', 'Бұл — кітап па?'],
    ['Сұраулы сөйлемге айналдыр: Бұл — қаз.', 'Бұл — қаз ба?'],
    ['Сұраулы сөйлемге айналдыр: Бұл — түйе.', 'Бұл — түйе ме?'],
    ['Turn into a question: This is an egg.', 'Is this an egg?'],
    ['«қалам» сөзін бас әріптермен жаз.', 'ҚАЛАМ'],
  ]
  it.each(forms)('%s %s', (question, answer) => {
    expect(reckoned.answer(question)?.answer).toBe(answer)
  })
})
