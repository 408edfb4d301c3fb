import type { Random } from '../../base/index.ts'
import { ConfigError, random } from '../../base/index.ts'
import { clock, isLeapYear } from './clock.ts'
import type { Entity } from './entity.ts'
import { entity, hashText, number, quantity } from './entity.ts'
import type { HeldOut } from './held-out.ts'
import { checkShares, hideFacts } from './held-out.ts'
import * as lexicon from './lexicon.ts'
import { menNames, villageNames, womenNames } from './names.ts'

/** How large a world is. Ten people make a family: grandparents, two couples, four children. */
export interface WorldSize {
  readonly seed: number
  /** 1 to 64. */
  readonly families: number
  /** 2 to 64. */
  readonly villages: number
}

/** Every fact of a world as one entity, whose `has` lists people, villages, goods and the rest. */
export function facts(size: WorldSize, heldOut: HeldOut = {}): Entity {
  const shares = checkShares(heldOut)
  check('families', size.families, 1, 64)
  check('villages', size.villages, 2, lexicon.gifts.length + lexicon.moreGifts.length)
  const rng = random(size.seed, 0)
  const root: Entity = { ...entity('world', 'әлем'), hash: hashText(`world ${size.seed}`) }
  Object.assign(root.has, calendar(), things(rng), simple())
  root.has.villages = villages(rng, size.villages)
  root.has.people = people(rng, size.families, root)
  const living = root.has.people
  root.has.adults = living.filter((x) => x.is.job.en !== lexicon.pupil.name[0])
  root.has.pupils = living.filter((x) => x.is.job.en === lexicon.pupil.name[0])
  root.has.visitors = living.filter((x) => x.has.relatives.length > 0)
  root.has.nouns = [...root.has.goods, ...root.has.animals]
  hideFacts(root, shares.facts)
  return root
}

function check(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return
  throw new ConfigError(`world: ${name} must be a whole number from ${low} to ${high}, got ${value}`)
}

const range = (from: number, to: number): Entity[] => Array.from({ length: to - from + 1 }, (_, i) => number(from + i))

const fromPair = ([en, kk]: readonly [string, string]): Entity => entity(en, kk)

function shuffle<T>(rng: Random, items: readonly T[]): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
  }
  return shuffled
}

const any = <T>(rng: Random, items: readonly T[]): T => items[rng.integer(items.length)]

function link(ring: readonly Entity[]): readonly Entity[] {
  ring.forEach((here, i) => {
    here.is.next = ring[(i + 1) % ring.length]
    here.is.previous = ring[(i + ring.length - 1) % ring.length]
  })
  return ring
}

function calendar(): Record<string, readonly Entity[]> {
  const seasons = link(lexicon.seasons.map(({ name }) => fromPair(name)))
  lexicon.seasons.forEach(({ weather }, i) => {
    seasons[i].has.weather = weather.map(fromPair)
  })
  const months = link(lexicon.months.map(({ name }) => fromPair(name)))
  lexicon.months.forEach(({ days }, m) => {
    months[m].is.days = number(days)
    months[m].is.season = seasons[Math.floor((m + 1) / 3) % 4]
    months[m].has.dates = range(1, days)
  })
  const years = range(2001, 2030)
  return {
    seasons,
    months,
    days: link(lexicon.days.map(fromPair)),
    years,
    leapYears: years.filter((year) => isLeapYear(quantity(year))),
    commonYears: years.filter((year) => !isLeapYear(quantity(year))),
    clock: range(6 * 12, 22 * 12).map((fives) => clock(5 * quantity(fives))),
    minutes: range(1, 18).map((fives) => number(5 * quantity(fives))),
    spans: range(2, 30),
    monthSteps: range(2, 11),
  }
}

/** What is the same in every world: words, numbers and what they do. */
function simple(): Record<string, readonly Entity[]> {
  const jobs = lexicon.jobs.map(({ name, work }) => entity(...name, { work: fromPair(work) }))
  const animals = lexicon.animals.map(({ name, young, sound }) => {
    const animal = fromPair(name)
    if (young) animal.is.young = fromPair(young)
    if (sound) animal.is.sound = fromPair(sound)
    return animal
  })
  for (let a = 0; a <= 20; a++) {
    number(a).has.subtrahends = Array.from({ length: Math.min(a, 10) + 1 }, (_, b) => number(b))
  }
  return {
    languages: [entity('en', 'en'), entity('kk', 'kk')],
    jobs,
    animals,
    animalsWithYoung: animals.filter((animal) => animal.is.young),
    animalsWithSound: animals.filter((animal) => animal.is.sound),
    upToTen: Array.from({ length: 11 }, (_, n) => number(n)),
    upToTwenty: Array.from({ length: 21 }, (_, n) => number(n)),
    few: [2, 3, 4, 5].map(number),
    couple: [1, 2, 3].map(number),
    factors: range(2, 9),
    twoDigits: range(11, 99),
    banknotes: [100, 200, 500].map(number),
    verbs: lexicon.verbs.map(({ en, past, kk }) => entity(en, kk, { past: entity(past, kk) })),
    cases: lexicon.cases.map(fromPair),
    hidingPlaces: lexicon.hidingPlaces.map(fromPair),
    topics: lexicon.topics.map(fromPair),
    ways: lexicon.ways.map(fromPair),
  }
}

function things(rng: Random): Record<string, readonly Entity[]> {
  const prices = shuffle(rng, [10, 20, 30, 40, 50, 60])
  const goods = lexicon.goods.map(([en, kk], i) => entity(en, kk, { price: number(prices[i % prices.length]) }))
  return { goods, foods: lexicon.foods.map(fromPair) }
}

function villages(rng: Random, count: number): Entity[] {
  const names = shuffle(rng, villageNames(count)).slice(0, count)
  const isLarge = count > lexicon.gifts.length
  const gifts = shuffle(rng, isLarge ? [...lexicon.gifts, ...lexicon.moreGifts] : lexicon.gifts)
  return names.map(([en, kk], i) =>
    entity(en, kk, { gift: fromPair(gifts[i]), landscape: fromPair(any(rng, lexicon.landscapes)) }),
  )
}

function people(rng: Random, families: number, root: Entity): Entity[] {
  const { villages, foods, seasons, months, jobs, animals } = root.has
  const men = shuffle(rng, menNames(5 * families))
  const women = shuffle(rng, womenNames(5 * families))
  const colours = lexicon.colours.map(fromPair)
  const plain = animals.flatMap((species) =>
    colours.map((colour) => entity(`${colour.en} ${species.en}`, `${colour.kk} ${species.kk}`, { species, colour })),
  )
  const isLarge = 10 * families > plain.length
  const told = isLarge
    ? lexicon.traits.flatMap(([en, kk]) => plain.map((pet) => entity(`${en} ${pet.en}`, `${kk} ${pet.kk}`, pet.is)))
    : []
  const pets = shuffle(rng, [...plain, ...told])
  const born: Entity[] = []

  function person(isMan: boolean, age: number, home: Entity, job: Entity): Entity {
    const pronouns = isMan ? ['he', 'his', 'him'] : ['she', 'her', 'her']
    const [he, his, him] = pronouns.map((pronoun) => entity(pronoun, 'ол'))
    const own = { home, job, pet: pets.pop()!, age: number(age), food: any(rng, foods), season: any(rng, seasons) }
    const someone = entity(...(isMan ? men : women).pop()!, { ...own, month: any(rng, months), he, his, him })
    someone.has.kin = []
    born.push(someone)
    return someone
  }

  const pupil = entity(...lexicon.pupil.name, { work: fromPair(lexicon.pupil.work) })
  for (let f = 0; f < families; f++) {
    const oldHome = any(rng, villages)
    const elders = [true, false].map((isMan) => person(isMan, 61 + rng.integer(15), oldHome, any(rng, jobs)))
    marry(elders[0], elders[1])
    const ages = shuffle(rng, [33, 35, 36, 38, 39, 41, 42, 44])
    const boys = shuffle(rng, [true, true, false, false])
    const heirs = [true, false].map((isMan, h) => {
      const newHome = any(
        rng,
        villages.filter((village) => village !== oldHome),
      )
      const heir = person(isMan, ages[h], newHome, any(rng, jobs))
      const spouse = person(!isMan, ages[h + 2], newHome, any(rng, jobs))
      const [father, mother] = isMan ? [heir, spouse] : [spouse, heir]
      marry(father, mother)
      const young = [6 + rng.integer(6), 12 + rng.integer(6)].map((age, c) =>
        person(boys[2 * h + c], age, newHome, pupil),
      )
      raise(father, mother, young)
      for (const child of young) {
        addKin(child, 'grandfather', elders[0])
        addKin(child, 'grandmother', elders[1])
      }
      return heir
    })
    raise(elders[0], elders[1], heirs)
  }
  for (const x of born) {
    x.has.relatives = x.has.kin.filter((kin) => kin.is.who.is.home !== x.is.home)
    const ofOtherAge = born.filter((y) => y.is.age !== x.is.age)
    x.has.others = shuffle(rng, ofOtherAge).slice(0, comparisons)
  }
  return born
}

/** With how many others a person is compared by age: enough to be met, few enough not to crowd out other questions. */
const comparisons = 8

function addKin(of: Entity, role: keyof typeof lexicon.roles, who: Entity): void {
  const kin = entity('', '', { role: fromPair(lexicon.roles[role]), who }, `${role} ${who.id}`)
  ;(of.has.kin as Entity[]).push(kin)
}

function marry(husband: Entity, wife: Entity): void {
  addKin(husband, 'wife', wife)
  addKin(wife, 'husband', husband)
}

/** Parents, children and siblings know one another; a son or daughter is named by role only when the only one. */
function raise(father: Entity, mother: Entity, children: readonly Entity[]): void {
  const isMan = (x: Entity) => x.is.he.en === 'he'
  for (const child of children) {
    addKin(child, 'father', father)
    addKin(child, 'mother', mother)
    const only = children.every((other) => other === child || isMan(other) !== isMan(child))
    if (only) for (const parent of [father, mother]) addKin(parent, isMan(child) ? 'son' : 'daughter', child)
    for (const sibling of children) {
      if (sibling === child) continue
      const isOlder = Number(sibling.is.age.en) > Number(child.is.age.en)
      if (isOlder) addKin(child, isMan(sibling) ? 'olderBrother' : 'olderSister', sibling)
      else if (isMan(sibling)) addKin(child, 'youngerBrother', sibling)
      else addKin(child, isMan(child) ? 'youngerSisterOfMan' : 'youngerSisterOfWoman', sibling)
    }
  }
}
