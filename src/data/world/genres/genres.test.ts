import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../base/index.ts'
import { ask, templateKey } from '../ask.ts'
import { conversationOf } from '../conversation.ts'
import type { Entity } from '../entity.ts'
import { expectation } from '../entropy.ts'
import { enumerate } from '../enumerate.ts'
import { kazakhLetters } from '../kazakh.ts'
import { parse } from '../parse.ts'
import { type World, world } from '../world.ts'
import { type Genre, genres } from './genres.ts'

const names = Object.keys(genres) as Genre[]

/** The world with the first few of every list, but whole weeks: small enough to write every text of its grammar. */
function shrunken({ root }: World, most: number): Entity {
  const few = (has: Entity['has']) =>
    Object.fromEntries(Object.entries(has).map(([list, of]) => [list, of.slice(0, most)]))
  for (const person of root.has.people) Object.assign(person.has, few(person.has))
  for (const month of root.has.months) Object.assign(month.has, few(month.has))
  return { ...root, has: { ...few(root.has), languages: root.has.languages, days: root.has.days } }
}

describe.each(names)('%s', (genre) => {
  it('has exactly the entropy of its texts, each of which is written in one way', () => {
    const small = world({ genres: [genre], families: 1, villages: 4 })
    const root = shrunken(small, genre === 'dialogues' ? 4 : 3)
    const texts = new Set<string>()
    const sums = { derivations: 0, mass: 0, nats: 0, characters: 0, bytes: 0 }
    for (const { text, surprisalNats } of enumerate(small.grammar, root)) {
      const p = Math.exp(-surprisalNats)
      texts.add(text)
      sums.derivations++
      sums.mass += p
      sums.nats += p * surprisalNats
      sums.characters += p * text.length
      sums.bytes += p * Buffer.byteLength(text)
    }
    expect(texts.size).toBe(sums.derivations)
    expect(sums.derivations).toBeGreaterThan(500)
    expect(sums.mass).toBeCloseTo(1, 9)
    const exact = expectation(small.grammar, root)
    for (const quantity of ['nats', 'characters', 'bytes'] as const) {
      expect(sums[quantity] / exact[quantity], quantity).toBeCloseTo(1, 9)
    }
  })
})

describe('a mix of all genres', () => {
  it('has no text of two genres: every text of a small one is written in one way', () => {
    const small = world({ genres: names, families: 1, villages: 4 })
    const root = shrunken(small, 3)
    const derivations = enumerate(small.grammar, root).toArray()
    expect(new Set(derivations.map(({ text }) => text)).size).toBe(derivations.length)
    const nats = derivations.reduce((sum, { surprisalNats }) => sum + Math.exp(-surprisalNats) * surprisalNats, 0)
    expect(nats / expectation(small.grammar, root).nats).toBeCloseTo(1, 9)
  })

  const mixed = world({ genres: names, families: 1, heldOut: { facts: 0.05, templates: 0.1 } })
  const documents = mixed.documents().take(4000).toArray()

  it('reads every document back in one way, whatever its genre', () => {
    for (const { text, choices, surprisalNats } of documents.slice(0, 60)) {
      const readings = parse(mixed.grammar, mixed.root, text)
      expect(readings.map((reading) => reading.choices)).toEqual([choices])
      expect(readings[0].surprisalNats).toBeCloseTo(surprisalNats, 9)
    }
  })

  it('has the mean surprisal of its documents as entropy, within 4 standard errors, and so the length', () => {
    for (const [values, exact] of [
      [documents.map(({ surprisalNats }) => surprisalNats), mixed.expectation.nats],
      [documents.map(({ text }) => text.length), mixed.expectation.characters],
    ] as const) {
      const mean = values.reduce((a, b) => a + b) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
      expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / values.length))
    }
  })

  it('comes in the shares asked for, within 4 standard errors', () => {
    const shares = { tales: 3, calendar: 1 } as const
    const counted = world({ genres: shares, families: 1 }).documents().take(2000).toArray()
    const tales = counted.filter(({ genre }) => genre === 'tales').length
    expect(Math.abs(tales / 2000 - 3 / 4)).toBeLessThan(4 * Math.sqrt((3 / 4) * (1 / 4) * (1 / 2000)))
    expect(counted.every(({ genre }) => genre in shares)).toBe(true)
  })

  it('has parts whose entropies add up: of language, of kind, of the document when these are known', () => {
    const { kinds, document } = mixed.statistics()
    const ofKinds = kinds.reduce((sum, { share, nats }) => sum + share * (nats - Math.log(share)), Math.LN2)
    expect(ofKinds / document.nats).toBeCloseTo(1, 9)
    expect(kinds.reduce((sum, { share, bytes }) => sum + share * bytes, 0) / document.bytes).toBeCloseTo(1, 9)
    expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(kinds.length)
  })

  it('writes Kazakh in Kazakh letters, and lines without an empty one', () => {
    const kazakh = new RegExp(`^[${kazakhLetters}${kazakhLetters.toUpperCase()}0-9 \\n.,:?!«»—+=*-]+$`)
    for (const { text, language, kind } of documents) {
      expect(text).toMatch(/^([^\n]+\n)+$/)
      expect(text).not.toMatch(/ {2}|undefined|NaN|[{}]/)
      if (language === 'kk' && !/^translate/.test(kind)) expect(text).toMatch(kazakh)
      if (language === 'en' && !/^(translate|case|mine)/.test(kind)) expect(text).toMatch(/^[ -~\n]+$/)
    }
  })

  it('holds conversations where somebody is asked or instructed, and nowhere else', () => {
    for (const made of documents) {
      const turns = conversationOf(made)?.messages
      const isTold = made.genre === 'tales' || made.genre === 'dialogues'
      if (isTold) expect(turns).toBeUndefined()
      if (made.genre === 'instructions' || made.genre === 'calendar') expect(turns).toBeDefined()
      if (!turns) continue
      const roles = turns.map(({ role }) => role).join(' ')
      expect(roles).toMatch(/^(system )?user assistant( user assistant)*$/)
      expect(turns.every(({ content }) => made.text.includes(`: ${content}\n`))).toBe(true)
    }
    const [first] = mixed.conversations().take(1)
    expect(first.messages).toEqual(conversationOf(first.document)?.messages)
    expect(() =>
      world({ genres: ['tales'] })
        .conversations()
        .next(),
    ).toThrow(ConfigError)
  })

  it('refuses genres that do not exist', () => {
    expect(() => world({ genres: ['poems' as Genre] })).toThrow('genres are short, tales')
    expect(() => world({ genres: [] })).toThrow('no genre is left')
    expect(() => world({ genres: { tales: -1 } })).toThrow('must be a number from 0 on, got -1')
  })
})

describe('what is held out', () => {
  const whole = world({ genres: names, families: 3, villages: 4, heldOut: { facts: 0.08, templates: 0.2 } })
  const asked = whole.questions()

  it('is never in a document: no question of it, and no fact', () => {
    const unsaid = new Set(asked.flatMap(({ prompt, heldOut }) => (heldOut ? [prompt] : [])))
    const hidden = whole.facts.people.filter((x) => x.hides)
    expect(hidden.length).toBeGreaterThan(5)
    for (const { text } of whole.documents().take(6000)) {
      const lines = text.split('\n')
      for (let i = 0; i + 1 < lines.length; i++) {
        expect(unsaid.has(`${lines[i]}\n${lines[i + 1]?.split(': ')[0]}:`), text).toBe(false)
      }
      for (const x of hidden) {
        if (x.hides!.has('home')) expect(text.includes(`${x.en} lives in`), text).toBe(false)
        if (x.hides!.has('pet')) expect(text.includes(x.is.pet.en), text).toBe(false)
        if (x.hides!.has('age')) expect(text.includes(`${x.en} is ${x.is.age.en}`), text).toBe(false)
        if (x.hides!.has('food')) expect(text.includes(`${x.en} likes ${x.is.food.en}`), text).toBe(false)
      }
    }
  })

  it('can still be asked: every reason comes, and hidden facts have questions with answers', () => {
    const reasons = new Set(asked.flatMap(({ heldOutBy }) => (heldOutBy ? [heldOutBy] : [])))
    expect([...reasons].sort()).toEqual(['fact', 'phrasing', 'template'])
    for (const x of whole.facts.people.filter(({ hides }) => hides?.has('home'))) {
      expect(whole.answer(`Where does ${x.en} live?`)).toMatchObject({
        answer: `${x.en} lives in ${x.is.home.en}.`,
        heldOutBy: 'fact',
      })
    }
  })

  it('is said to be inferable where relatives who live together, or the other side of a tie, are told of', () => {
    const { people } = whole.facts
    const homes = asked.filter(({ kind, heldOutBy }) => kind === 'home' && heldOutBy === 'fact')
    for (const { question, inferable } of homes) {
      const x = people.find(({ en, kk }) => question.includes(en) || question.includes(kk))!
      const together = people.filter((y) => y !== x && y.is.home === x.is.home && !y.hides?.has('home'))
      // Whoever is alone in a village with what is told can not be placed there.
      if (together.length === 0) expect(inferable).toBe(false)
    }
    const wives = homes.filter(({ inferable }) => inferable)
    expect(wives.length).toBeGreaterThan(0)
    expect(asked.some(({ kind, inferable }) => kind === 'kin' && inferable)).toBe(true)
    for (const { kind, inferable } of asked)
      if (inferable) expect(kind).not.toMatch(/^(pet|food|season|age|month|job)$/)
  })

  it('is met in the shares asked for, within 4 standard errors', () => {
    const { people } = world({ families: 64, heldOut: { facts: 0.05 } }).facts
    const hidden = people.filter(({ hides }) => hides).length / people.length
    // At most one of seven facts (six of a pupil), and a few are opened again so that no list runs empty.
    expect(hidden).toBeLessThan(0.35 + 4 * Math.sqrt((0.35 * 0.65) / 640))
    expect(hidden).toBeGreaterThan(0.3 - 4 * Math.sqrt((0.3 * 0.7) / 640))
  })

  it('are templates that are used for nothing, while another wording is', () => {
    expect(whole.heldOutTemplates.length).toBeGreaterThan(10)
    expect(new Set(whole.heldOutTemplates).size).toBe(whole.heldOutTemplates.length)
    const block = ask(`
      Who is {x}? → {x}.
      {x} кім?    → {x}.
      Name {x}.   → {x}.
      {x} кім ол? → {x}.`)
    const [en, kk] = whole.facts.languages
    const hidden = { ...whole.root, hides: new Set([templateKey(block.asked!, 1, 'en')]) }
    for (const x of whole.facts.people) {
      expect(block.probabilities({ world: hidden, lang: en, x })).toEqual([1, 0])
      expect(block.probabilities({ world: hidden, lang: kk, x })[1]).toBeDefined()
    }
    expect(whole.facts.people.some((x) => block.probabilities({ world: hidden, lang: kk, x })[1] === 0.5)).toBe(true)
  })

  it('refuses shares that it cannot keep', () => {
    expect(() => world({ heldOut: { facts: 0.2 } })).toThrow('from 0 to 0.143')
    expect(() => world({ heldOut: { templates: -1 } })).toThrow(ConfigError)
  })

  it('never leaves a list empty', () => {
    for (const seed of [1, 2, 3, 4]) {
      const made = world({
        seed,
        genres: ['tales', 'dialogues', 'instructions'],
        families: 1,
        villages: 2,
        heldOut: { facts: 1 / 7, templates: 1 / 3 },
      })
      expect(Number.isFinite(made.entropyNatsPerDocument)).toBe(true)
      for (const { surprisalNats } of made.documents().take(300)) expect(surprisalNats).toBeLessThan(100)
    }
  })
})

describe('large worlds', () => {
  const large = world({ families: 64, villages: 64, heldOut: { facts: 0.05 } })

  it('hold several thousand facts about people of different names, in villages of different names and gifts', () => {
    const { people, villages } = large.facts
    const names = [...people, ...villages].flatMap(({ en, kk }) => [en, kk])
    expect(people).toHaveLength(640)
    expect(large.factCount).toBeGreaterThan(5000)
    expect(world({ families: 1, villages: 2 }).factCount).toBeLessThan(large.factCount / 20)
    expect(new Set(names).size).toBe(2 * (640 + 64))
    expect(new Set(people.map(({ is }) => is.pet.en)).size).toBe(640)
    expect(new Set(villages.map(({ is }) => is.gift.en)).size).toBe(64)
    expect(new Set(villages.map(({ is }) => is.gift.kk)).size).toBe(64)
  })

  it('keep the people of the lists before made ones are needed', () => {
    const listed = world({ families: 8, villages: 16 }).facts.people.map(({ en }) => en)
    expect(listed.every((name) => name.length < 11)).toBe(true)
  })
})
