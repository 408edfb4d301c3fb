import type { Entity } from './entity.ts'
import { type Expectation, expectation } from './entropy.ts'
import type { Genre, Kind } from './genres/genres.ts'
import { pick } from './grammar.ts'
import type { Question } from './interview.ts'
import { grammarOf } from './production.ts'

/** What a world holds, and what its documents are made of. */
export interface WorldStatistics {
  readonly people: number
  readonly villages: number
  /** People, villages, goods, animals, jobs and the calendar. */
  readonly entities: number
  /** Single facts of entities, and ties of kin, each from both sides. */
  readonly facts: number
  /** Of them, those that no document tells. */
  readonly heldOutFacts: number
  readonly questions: number
  /** Of them, those that no document asks, by what is held out. */
  readonly heldOutQuestions: Readonly<Record<'fact' | 'template' | 'phrasing', number>>
  /** By kind of document: its share of all, and what one is like when its language and kind are known. */
  readonly kinds: readonly ({ readonly genre: Genre; readonly kind: string; readonly share: number } & Expectation)[]
  /** Of a document of any kind. */
  readonly document: Expectation
}

/** Everything that has facts of its own. */
const lists = ['people', 'villages', 'goods', 'animals', 'jobs', 'months', 'days', 'seasons']

/** Facts that follow from others, or from a word. */
const derived = new Set(['he', 'his', 'him', 'previous'])

export function countFacts(root: Entity): Pick<WorldStatistics, 'entities' | 'facts' | 'heldOutFacts'> {
  let entities = 0
  let facts = 0
  let heldOutFacts = 0
  for (const entity of lists.flatMap((list) => root.has[list])) {
    entities++
    facts += Object.keys(entity.is).filter((fact) => !derived.has(fact)).length
    heldOutFacts += entity.hides?.size ?? 0
    for (const kin of entity.has.kin ?? []) {
      facts++
      heldOutFacts += kin.hides?.size ?? 0
    }
  }
  return { entities, facts, heldOutFacts }
}

export function statisticsOf(
  root: Entity,
  kinds: readonly Kind[],
  questions: readonly Question[],
  document: Expectation,
): WorldStatistics {
  const total = kinds.reduce((sum, { production }) => sum + production.weight, 0)
  const heldOut = { fact: 0, template: 0, phrasing: 0 }
  for (const { heldOutBy } of questions) if (heldOutBy) heldOut[heldOutBy]++
  return {
    people: root.has.people.length,
    villages: root.has.villages.length,
    ...countFacts(root),
    questions: questions.length,
    heldOutQuestions: heldOut,
    kinds: kinds.map(({ genre, kind, production }) => {
      const alone = expectation(pick({ lang: 'languages' }, grammarOf([production])), root)
      const share = production.weight / total
      return { genre, kind, share, ...alone, nats: alone.nats - Math.log(root.has.languages.length) }
    }),
    document,
  }
}
