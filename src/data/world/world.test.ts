import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../base/index.ts'
import { ask, heldOutShare } from './ask.ts'
import type { Entity } from './entity.ts'
import { entity, number } from './entity.ts'
import { expectation } from './entropy.ts'
import { enumerate } from './enumerate.ts'
import { draws, generate } from './generate.ts'
import { choice, given, pick, say, sequence, shuffled, weighted } from './grammar.ts'
import { promptFor } from './interview.ts'
import { kazakhLetters } from './kazakh.ts'
import { parse } from './parse.ts'
import { world } from './world.ts'
import type { WorldDocument } from './world-document.ts'

const standard = world()
const small = world({ families: 1, villages: 2 })

function take(count: number, series = 0, from = 0, source = standard): WorldDocument[] {
  return source.documents({ series, from }).take(count).toArray()
}

describe('documents', () => {
  it('are the same for the same seed, and each can be made alone', () => {
    const again = world()
    for (const [i, made] of take(200).entries()) expect(again.document(i)).toEqual(made)
    expect(take(50, 0, 150)).toEqual(take(200).slice(150))
  })

  it('differ between series and between worlds', () => {
    const texts = (documents: WorldDocument[]) => documents.map(({ text }) => text).join()
    expect(texts(take(20, 1))).not.toBe(texts(take(20, 0)))
    expect(texts(take(20, 0, 0, world({ seed: 2 })))).not.toBe(texts(take(20)))
  })

  it('are lines without an empty one, so that an empty line parts them', () => {
    for (const { text } of take(2000)) {
      expect(text).toMatch(/^[^\n]+\n([^\n]+\n)?$/)
      expect(text).not.toMatch(/ {2}|undefined|[{}]/)
    }
  })

  it('show at least thirty kinds in each language', () => {
    for (const language of ['en', 'kk']) {
      const kinds = new Set(take(5000).flatMap((made) => (made.language === language ? [made.kind] : [])))
      expect(kinds.size).toBeGreaterThanOrEqual(30)
    }
  })

  it('write Kazakh in Kazakh letters and English in ASCII', () => {
    const kazakh = new RegExp(`^[${kazakhLetters}${kazakhLetters.toUpperCase()}0-9 \\n.,:?!«»—+=-]+$`)
    for (const { text, language } of take(5000)) expect(text).toMatch(language === 'kk' ? kazakh : /^[ -~\n]+$/)
  })

  it('stream as a corpus of at least the bytes asked for', () => {
    const pieces = [...standard.corpus({ bytes: 200_000, series: 3 })]
    const text = pieces.join('')
    const length = new TextEncoder().encode(text).length
    expect(length).toBeGreaterThanOrEqual(200_000)
    expect(length).toBeLessThan(200_000 + 1000)
    const documents = text.slice(0, -2).split('\n\n')
    expect(documents.map((lines) => `${lines}\n`)).toEqual(take(documents.length, 3).map((made) => made.text))
  })
})

describe('entropy', () => {
  it('is that of the choices: a grammar counted by hand', () => {
    const root = entity('world', 'әлем')
    root.has.languages = [entity('en', 'en')]
    root.has.numbers = [1, 2, 3].map(number)
    const grammar = pick(
      { lang: 'languages' },
      weighted(
        [3, say('a', 'a')],
        [1, pick({ n: 'numbers' }, sequence(say('{n}', '{n}'), pick({ m: 'numbers except n' }, say('-{m}', '-{m}'))))],
        [4, shuffled(2, say('x', 'x'), say('yy', 'yy'), choice(say('z', 'z'), say('w', 'w')))],
      ),
    )
    const law = (...p: number[]) => p.reduce((sum, q) => sum - q * Math.log(q), 0)
    const byHand = law(3 / 8, 1 / 8, 4 / 8) + Math.log(6) / 8 + (Math.log(6) + (2 / 3) * Math.log(2)) / 2
    const exact = expectation(grammar, root)
    expect(exact.nats).toBeCloseTo(byHand, 12)
    expect(exact.characters).toBeCloseTo(3 / 8 + 3 / 8 + ((2 / 3) * 4) / 2, 12)
  })

  it('equals −Σ p ln p over every text of a small world, and no text comes twice', () => {
    const texts = new Set<string>()
    const sums = { derivations: 0, mass: 0, nats: 0, characters: 0, bytes: 0 }
    const encoder = new TextEncoder()
    for (const { text, surprisalNats } of enumerate(small.grammar, small.root)) {
      const p = Math.exp(-surprisalNats)
      texts.add(text)
      sums.derivations++
      sums.mass += p
      sums.nats += p * surprisalNats
      sums.characters += p * [...text].length
      sums.bytes += p * encoder.encode(text).length
    }
    expect(texts.size).toBe(sums.derivations)
    expect(sums.derivations).toBeGreaterThan(40_000)
    expect(sums.mass).toBeCloseTo(1, 9)
    for (const quantity of ['nats', 'characters', 'bytes'] as const) {
      expect(sums[quantity] / small.expectation[quantity]).toBeCloseTo(1, 9)
    }
  })

  it('is the mean surprisal of 20,000 documents within 4 standard errors, and so is the length', () => {
    const documents = take(20_000, 5)
    const { nats, characters } = standard.expectation
    for (const [values, exact] of [
      [documents.map((made) => made.surprisalNats), nats],
      [documents.map((made) => made.text.length), characters],
    ] as const) {
      const mean = values.reduce((a, b) => a + b) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
      expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / values.length))
    }
  })

  it('reads every choice back from the text, and finds no other', () => {
    for (const { text, choices, surprisalNats } of take(60, 6)) {
      const readings = parse(standard.grammar, standard.root, text)
      expect(readings.map((reading) => reading.choices)).toEqual([choices])
      expect(readings[0].surprisalNats).toBeCloseTo(surprisalNats, 9)
    }
    expect(small.surprisalNats('The moon is a cheese.\n')).toBe(Infinity)
  })

  it('parse finds both readings where a grammar is ambiguous', () => {
    const twice = pick({ lang: 'languages' }, choice(say('same', 'а'), say('same', 'б')))
    expect(parse(twice, small.root, 'same')).toHaveLength(2)
  })
})

describe('questions', () => {
  const questions = standard.questions()

  it('have one answer each', () => {
    const texts = questions.map(({ question, language }) => language + question)
    expect(new Set(texts).size).toBe(texts.length)
    for (const { question, answer } of questions) expect(standard.answer(question)?.answer).toBe(answer)
  })

  it('are held out in the announced share, in both languages', () => {
    for (const language of ['en', 'kk'] as const) {
      const all = standard.questions({ language }).length
      const held = standard.questions({ language, heldOut: true }).length
      // at most one phrasing of two or three goes, so the variance is below that of independent draws
      expect(Math.abs(held / all - heldOutShare)).toBeLessThan(4 * Math.sqrt((heldOutShare * (1 - heldOutShare)) / all))
    }
  })

  it('that are held out are never asked; the others are', () => {
    const asked = new Set<string>()
    for (const { text } of enumerate(small.grammar, small.root)) {
      const question = /^(?:Question|Сұрақ): (.*)\n/.exec(text)?.[1]
      if (question) asked.add(question)
    }
    const all = small.questions()
    expect(all.filter(({ question, heldOut }) => asked.has(question) === heldOut)).toEqual([])
    expect(all.some(({ heldOut }) => heldOut)).toBe(true)
  })

  it('have answers that are in the facts', () => {
    const { people, goods, villages } = standard.facts
    const named = (list: readonly { en: string }[], name: string) => list.find((item) => item.en === name) as never
    const who = (name: string) => named(people, name) as (typeof people)[number]
    const kinOf = (name: string, role: string) => who(name).has.kin.find(({ is }) => is.role.en === role)?.is.who.en
    const price = (phrase: string) =>
      Number(goods.find(({ en }) => new RegExp(`\\b${en}\\b`).test(phrase))!.is.price.en)
    const role = '((?:grand)?(?:father|mother)|husband|wife|son|daughter|(?:older|younger) (?:brother|sister))'
    const checks: [RegExp, (...groups: string[]) => unknown][] = [
      [/^(?:Yes, |No, )?(\w+) lives in (\w+)\.$/, (x, v) => who(x).is.home.en === v],
      [/^The home of (\w+) is (\w+)\.$/, (x, v) => who(x).is.home.en === v],
      [/^(\w+) (?:has|keeps|owns) (?:an?|the) (\w+ \w+)\.$/, (x, pet) => who(x).is.pet.en === pet],
      [/^The (\w+ \w+) belongs to (\w+)\.$/, (pet, x) => who(x).is.pet.en === pet],
      [/^(\w+) is (\d+) years old\.$/, (x, n) => who(x).is.age.en === n],
      [/^(\w+) is older than (\w+)\.$/, (x, y) => Number(who(x).is.age.en) > Number(who(y).is.age.en)],
      [/^(\w+) is younger than (\w+)\.$/, (x, y) => Number(who(x).is.age.en) < Number(who(y).is.age.en)],
      [/^(\w+) likes (\w+)\.$/, (x, it) => [who(x).is.food.en, who(x).is.season.en].includes(it)],
      [/^The favourite food of (\w+) is (\w+)\.$/, (x, it) => who(x).is.food.en === it],
      [/^The favourite season of (\w+) is (\w+)\.$/, (x, it) => who(x).is.season.en === it],
      [/^(\w+) was born in (\w+)\.$/, (x, m) => who(x).is.month.en === m],
      [/^The birthday of (\w+) is in (\w+)\.$/, (x, m) => who(x).is.month.en === m],
      [RegExp(`^The ${role} of (\\w+) is (\\w+)\\.$`), (role, x, y) => kinOf(x, role) === y],
      [RegExp(`^(\\w+) is the ${role} of (\\w+)\\.$`), (y, role, x) => kinOf(x, role) === y],
      [
        RegExp(`^The ${role} of (\\w+) is (\\w+), and \\3 lives in (\\w+)\\.$`),
        (role, x, y, v) => kinOf(x, role) === y && who(y).is.home.en === v,
      ],
      [
        RegExp(`^The ${role} of (\\w+) is (\\w+), and \\3 has an? (\\w+ \\w+)\\.$`),
        (role, x, y, pet) => kinOf(x, role) === y && who(y).is.pet.en === pet,
      ],
      [/^(\w+) is famous for its (\w+)\.$/, (v, gift) => villages.find(({ en }) => en === v)?.is.gift.en === gift],
      [/^An? (\w+) costs (\d+) tenge\.$/, (g, n) => price(g) === Number(n)],
      [/^The price of an? (\w+) is (\d+) tenge\.$/, (g, n) => price(g) === Number(n)],
      [
        /^(Two|Three|Four|Five) (\w+) cost (\d+) tenge\.$/,
        (n, g, t) => (['Two', 'Three', 'Four', 'Five'].indexOf(n) + 2) * price(g.slice(0, -1)) === Number(t),
      ],
      [
        /^An? (\w+) and an? (\w+) cost (\d+) \+ (\d+) = (\d+) tenge\.$/,
        (g, h, p, q, t) => price(g) === +p && price(h) === +q && +p + +q === +t,
      ],
      [/^(\d+) \+ (\d+) = (\d+)\.$/, (a, b, c) => +a + +b === +c],
      [/^(\d+) - (\d+) = (\d+)\.$/, (a, b, c) => +a - +b === +c],
      [
        /^(\w+) has (\d+) days\.$/,
        (m, n) => new Date(Date.UTC(2023, new Date(`${m} 1, 2023`).getMonth() + 1, 0)).getUTCDate() === +n,
      ],
    ]
    const counts = checks.map(() => 0)
    for (const { answer, language } of questions) {
      if (language === 'kk') continue
      for (const [i, [shape, holds]] of checks.entries()) {
        const groups = shape.exec(answer)?.slice(1)
        if (!groups) continue
        counts[i]++
        expect(holds(...groups), answer).toBe(true)
      }
    }
    expect(
      counts.every((count) => count > 0),
      counts.join(),
    ).toBe(true)
  })

  it('say the same in Kazakh', () => {
    const told = new Map(questions.map(({ question, answer }) => [question, answer]))
    for (const x of standard.facts.people) {
      expect(told.get(`${x.kk} неше жаста?`)).toBe(`${x.kk} ${x.is.age.en} жаста.`)
      expect(told.get(`${x.kk} қай ауылда тұрады?`)).toContain(x.is.home.kk)
      expect(told.get(`${x.kk} қандай жануар ұстайды?`)).toBe(`${x.kk} ${x.is.pet.kk} ұстайды.`)
    }
  })

  it('are judged by what is true, in any wording and spacing', () => {
    const { question, answer, answers } = standard.questions({ language: 'en' })[0]
    for (const right of answers) expect(standard.isRight(question, ` ${right}\nQuestion: …`)).toBe(true)
    expect(standard.isRight(question.toLowerCase().replace('?', ''), `Answer: ${answer}`)).toBe(true)
    expect(standard.isRight(question, 'I do not know.')).toBe(false)
    expect(standard.isRight(question, '')).toBe(false)
    expect(standard.isRight('What is love?', answer)).toBe(false)
  })

  it('have a prompt in their language', () => {
    expect(promptFor('How old is Dana? ')).toBe('Question: How old is Dana?\nAnswer:')
    expect(promptFor('Дана неше жаста?')).toBe('Сұрақ: Дана неше жаста?\nЖауап:')
    for (const { text } of take(300)) {
      const [, question] = /^(?:Question|Сұрақ): (.*)\n/.exec(text) ?? []
      if (question) expect(text.startsWith(promptFor(question))).toBe(true)
    }
  })
})

describe('sizes', () => {
  it('refuses what it cannot build', () => {
    expect(() => world({ families: 65 })).toThrow(ConfigError)
    expect(() => world({ villages: 1 })).toThrow('villages must be a whole number from 2 to 64, got 1')
    expect(() => world({ seed: -1 })).toThrow(ConfigError)
  })

  it('builds every size: distinct names, one pet each, kin both ways', () => {
    for (const families of [1, 8]) {
      const { people } = world({ families, villages: 16, seed: 7 }).facts
      expect(people).toHaveLength(10 * families)
      expect(new Set(people.flatMap((x) => [x.en, x.kk])).size).toBe(20 * families)
      expect(new Set(people.map((x) => x.is.pet.en)).size).toBe(people.length)
      for (const x of people) {
        expect(new Set(x.has.kin.map((kin) => kin.is.who)).size).toBe(x.has.kin.length)
        expect(new Set(x.has.kin.map((kin) => kin.is.role.en)).size).toBe(x.has.kin.length)
      }
    }
  })
})

describe('kinship', () => {
  it('agrees with age, sex and itself', () => {
    const { people } = standard.facts
    const age = (x: Entity) => Number(x.is.age.en)
    const isMan = (x: Entity) => x.is.he.en === 'he'
    const back: Record<string, RegExp> = {
      father: /son|daughter|undefined/,
      mother: /son|daughter|undefined/,
      son: /father|mother/,
      daughter: /father|mother/,
      husband: /wife/,
      wife: /husband/,
      'older brother': /younger/,
      'older sister': /younger/,
      'younger brother': /older/,
      'younger sister': /older/,
      grandfather: /undefined/,
      grandmother: /undefined/,
    }
    const relation = (of: Entity, to: Entity) => of.has.kin.find((kin) => kin.is.who === to)?.is.role.en
    for (const x of people) {
      for (const { is } of x.has.kin) {
        const [role, y] = [is.role.en, is.who]
        expect(isMan(y), role).toBe(/father|son|husband|brother/.test(role))
        if (/father|mother|older/.test(role)) expect(age(y)).toBeGreaterThan(age(x))
        if (/son|daughter|younger/.test(role)) expect(age(y)).toBeLessThan(age(x))
        if (role === 'younger sister') expect(is.role.kk).toBe(isMan(x) ? 'қарындас' : 'сіңлі')
        expect(`${relation(y, x)}`).toMatch(back[role])
      }
      const mother = x.has.kin.find((kin) => kin.is.role.en === 'mother')?.is.who
      const father = x.has.kin.find((kin) => kin.is.role.en === 'father')?.is.who
      if (mother && father) expect(relation(mother, father)).toBe('husband')
      const grandmother = x.has.kin.find((kin) => kin.is.role.en === 'grandmother')?.is.who
      if (grandmother) expect([mother, father].some((parent) => relation(parent!, grandmother) === 'mother')).toBe(true)
    }
  })
})

it('a given slot decides nothing', () => {
  const root = entity('world', 'әлем')
  root.has.languages = [entity('en', 'en')]
  const three = { uses: [], tells: [], value: () => number(3) }
  const grammar = pick({ lang: 'languages' }, given({ n: three }, say('{n.word}', '{n.word}')))
  expect(generate(grammar, root, draws(1, 0, 0))).toEqual({ text: 'three', choices: [0], surprisalNats: 0 })
})

describe('productions', () => {
  it('refuse what they cannot read', () => {
    expect(() => ask('How old is {x}? {x} is old.')).toThrow(ConfigError)
    expect(() => ask('How old is {x}? → {x} is old.')).toThrow('English then Kazakh')
    expect(() => say('{x:locative}', '{x:locative}')).toThrow('no form "locative" in en; there are a,many')
    const homeless = pick({ lang: 'languages', x: 'goods' }, say('{x.home}', '{x.home}'))
    expect(() => generate(homeless, small.root, draws(1, 0, 0))).toThrow('has no fact "home", only price')
  })
})
