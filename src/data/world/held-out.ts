import { ConfigError } from '../../base/index.ts'
import type { Entity } from './entity.ts'
import { mix } from './entity.ts'

/**
 * What a world keeps from its documents so that evaluation can ask for it. A share is the part of all cases that is
 * left out, chosen by a hash of the world and the case, so it needs no list and never moves.
 */
export interface HeldOut {
  /**
   * Of the single facts of people (home, job, pet, food, season, age, month) and of the ties of kin: the share that no
   * document tells. At most one fact of a person, so everybody is met. Where relatives live together, or a tie has
   * another side, the fact can be inferred; a pet or a favourite food cannot. 0 to 1/7; default 0.
   */
  readonly facts?: number
  /** Of the wordings of questions and instructions: the share that no document uses for anything. 0 to 1/3; default 0. */
  readonly templates?: number
}

/** The facts of a person of which one can be held out. */
export const personalFacts = ['home', 'job', 'pet', 'food', 'season', 'age', 'month']

/** @throws ConfigError for a share out of range */
export function checkShares({ facts = 0, templates = 0 }: HeldOut): Required<HeldOut> {
  const check = (name: string, share: number, most: number, why: string) => {
    if (share >= 0 && share <= most) return
    throw new ConfigError(`world: heldOut.${name} must be from 0 to ${most.toFixed(3)}, ${why}; got ${share}`)
  }
  check('facts', facts, 1 / personalFacts.length, 'at most one fact of a person')
  check('templates', templates, 1 / 3, 'at most one wording of three')
  return { facts, templates }
}

/**
 * Which of `count` cases is left out: each with probability `share`, at most one of them; −1 for none, and where there
 * is only one.
 */
export function leftOut(hash: number, count: number, share: number): number {
  if (share === 0 || count === 1) return -1
  const index = Math.floor(hash / 2 ** 32 / share)
  return index < count ? index : -1
}

/** Makes people hide facts and ties hide whom they join. */
export function hideFacts(world: Entity, share: number): void {
  if (share === 0) return
  for (const person of world.has.people) {
    const hash = mix(mix(world.hash ^ 0x5eed) ^ person.hash)
    // A pupil's work is no fact of the pupil alone.
    const facts = world.has.adults.includes(person) ? personalFacts : personalFacts.filter((fact) => fact !== 'job')
    hide(person, facts[leftOut(hash, facts.length, share)])
    for (const kin of person.has.kin) {
      if (mix(hash ^ kin.hash) / 2 ** 32 < share) hide(kin, 'who')
    }
  }
  // Everybody has a relative of whom all can be told, and somebody to be compared with by age, so no list runs empty.
  for (const { has } of world.has.people) {
    if (has.kin.every((kin) => kin.hides || kin.is.who.hides))
      for (const open of [has.kin[0], has.kin[0].is.who]) hide(open)
    const isOpen = (kin: Entity) => !hiddenOn(kin, ['who', 'home']) && !hiddenOn(kin, ['who', 'food'])
    if (has.relatives.length > 0 && !has.relatives.some(isOpen))
      for (const open of [has.relatives[0], has.relatives[0].is.who]) hide(open)
  }
  for (const { has } of world.has.people) if (has.others.every((other) => other.hides?.has('age'))) hide(has.others[0])
}

function hide(entity: Entity, fact?: string): void {
  ;(entity as { hides?: ReadonlySet<string> }).hides = fact === undefined ? undefined : new Set([fact])
}

/** A fact that no document tells, and whose it is. */
export interface Hidden {
  readonly of: Entity
  readonly fact: string
}

/** The first step of a walk from an entity that is hidden. */
export function hiddenOn(from: Entity, steps: readonly string[]): Hidden | undefined {
  let here = from
  for (const fact of steps) {
    if (here.hides?.has(fact)) return { of: here, fact }
    here = here.is[fact]
  }
  return undefined
}

/**
 * Whether what is hidden follows from what documents tell. Husband and wife live together, pupils with their parents:
 * so a home follows from the home of such a relative, when a tie between the two is told. A tie follows from its other
 * side, as being a husband from having a wife.
 */
export function isInferable({ of, fact }: Hidden, people: readonly Entity[]): boolean {
  if (fact === 'who') return people.some((x) => x.has.kin.includes(of) && isTold(of.is.who, x))
  if (fact !== 'home') return false
  return of.has.kin.some((tie) => {
    const { who, role } = tie.is
    const isChild = of.is.job.en === 'pupil' && /^(father|mother)$/.test(role.en)
    const isParent = who.is.job.en === 'pupil' && /^(son|daughter)$/.test(role.en)
    const isShared = isChild || isParent || /^(husband|wife)$/.test(role.en)
    return isShared && !who.hides?.has('home') && (!tie.hides || isTold(who, of))
  })
}

/** Whether a tie from one to the other is told. */
const isTold = (from: Entity, to: Entity) => from.has.kin.some((tie) => tie.is.who === to && !tie.hides)
