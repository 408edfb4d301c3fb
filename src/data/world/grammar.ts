import type { Computed } from './arithmetic.ts'
import type { Entity } from './entity.ts'
import { type Hidden, hiddenOn } from './held-out.ts'
import type { Environment, Template } from './template.ts'
import { follow, template } from './template.ts'

/**
 * A probabilistic grammar as data. A document is made by walking it from the root: {@link say} writes, {@link choice}
 * and {@link pick} decide, everything else follows from what was decided. Making a document (generate.ts), its exact
 * entropy (entropy.ts), all readings of a text (parse.ts) and all texts (enumerate.ts) are one short function each
 * over these six kinds of node.
 *
 * `free` are the slots on which a node depends; `world` and `lang` included where they matter. `tells` are the facts
 * that its text shows, as paths: `x.home`.
 */
export type Grammar = Say | Sequence | Choice | Pick | Given | Shuffled

export interface Say {
  readonly kind: 'say'
  readonly free: readonly string[]
  readonly tells: readonly string[]
  readonly en: Template
  readonly kk: Template
}

export interface Sequence {
  readonly kind: 'sequence'
  readonly free: readonly string[]
  readonly tells: readonly string[]
  readonly parts: readonly Grammar[]
}

export interface Choice {
  readonly kind: 'choice'
  readonly free: readonly string[]
  readonly tells: readonly string[]
  readonly options: readonly Grammar[]
  /** Sums to 1; an option of probability 0 is never made. */
  readonly probabilities: (environment: Environment) => readonly number[]
  /** The slots on which the probabilities depend. */
  readonly law: readonly string[]
  /** Present when the options are ways of asking for one fact. */
  readonly asked?: Asked
}

/** What a choice asks: option i is phrasing i, and says a question with its answer. */
export interface Asked {
  readonly phrasings: readonly { readonly question: Say; readonly answer: Say }[]
  /** What stands before a question and before its answer, by language. */
  readonly marks: Readonly<Record<'en' | 'kk', readonly [question: string, answer: string]>>
  /** What the answer names, a path, and the list of its like: of the world, with a fact of its members. */
  readonly names?: { readonly path: string; readonly list: string; readonly fact?: string }
}

export interface Pick {
  readonly kind: 'pick'
  readonly free: readonly string[]
  readonly tells: readonly string[]
  readonly slot: string
  /** The slots on which the domain depends. */
  readonly uses: readonly string[]
  readonly domain: (environment: Environment) => readonly Entity[]
  /** The domain with those of whom the body would tell what no document tells. */
  readonly everyone: (environment: Environment) => readonly Entity[]
  /** What keeps an entity out of the domain. */
  readonly hiddenBy: (item: Entity) => Hidden | undefined
  readonly body: Grammar
}

export interface Given {
  readonly kind: 'given'
  readonly free: readonly string[]
  readonly tells: readonly string[]
  readonly slot: string
  /** The slots on which the value depends. */
  readonly uses: readonly string[]
  readonly value: (environment: Environment) => Entity
  readonly body: Grammar
}

export interface Shuffled {
  readonly kind: 'shuffled'
  readonly free: readonly string[]
  readonly tells: readonly string[]
  readonly take: number
  readonly parts: readonly Grammar[]
}

export const union = (...lists: (readonly string[])[]): string[] => [...new Set(lists.flat())].sort()
const freeOf = (nodes: readonly Grammar[]): string[] => union(...nodes.map((node) => node.free))
const toldBy = (nodes: readonly Grammar[]): string[] => union(...nodes.map((node) => node.tells))
export const without = (slots: readonly string[], slot: string): string[] => slots.filter((other) => other !== slot)

/** Writes one sentence, in the language of the document. */
export function say(english: string, kazakh: string): Say {
  const en = template(english, 'en')
  const kk = template(kazakh, 'kk')
  const free = union(['lang'], en.slots, kk.slots)
  return { kind: 'say', free, tells: union(en.paths, kk.paths), en, kk }
}

export function sequence(...parts: Grammar[]): Sequence {
  return { kind: 'sequence', free: freeOf(parts), tells: toldBy(parts), parts }
}

/** One of the options, each equally likely. */
export function choice(...options: Grammar[]): Choice {
  return weighted(...options.map((option): [number, Grammar] => [1, option]))
}

/** One of the options, in proportion to its weight. */
export function weighted(...pairs: (readonly [weight: number, option: Grammar])[]): Choice {
  const total = pairs.reduce((sum, [weight]) => sum + weight, 0)
  const probabilities = pairs.map(([weight]) => weight / total)
  const options = pairs.map(([, option]) => option)
  return {
    kind: 'choice',
    free: freeOf(options),
    tells: toldBy(options),
    options,
    law: [],
    probabilities: () => probabilities,
  }
}

/**
 * Binds slots, one after the other, each to one entity of a list, all equally likely, for the body.
 *
 * @param lists slot to list: of the world (`people`), or of a slot bound before (`x.kin`, `x.season.weather`);
 *   `villages except x.home` leaves one out, `goods except g except h` two. Entities are left out too of which the
 *   body would tell a fact that they hide.
 */
export function pick(lists: Readonly<Record<string, string>>, ...body: Grammar[]): Grammar {
  return Object.entries(lists).reduceRight<Grammar>((inner, [slot, from]) => pickOne(slot, from, inner), one(body))
}

const one = (parts: readonly Grammar[]): Grammar => (parts.length === 1 ? parts[0] : sequence(...parts))

function pickOne(slot: string, from: string, body: Grammar): Pick {
  const [all, ...exceptions] = from.split(' except ').map((path) => path.split('.'))
  const [root, path, list] = [all.length > 1 ? all[0] : 'world', all.slice(1, -1), all[all.length - 1]]
  const tells = union(
    body.tells,
    exceptions.filter((except) => except.length > 1).map((except) => except.join('.')),
    path.length > 0 ? [[root, ...path].join('.')] : [],
  )
  const facts = body.tells.filter((told) => told.startsWith(`${slot}.`)).map((told) => told.split('.').slice(1))
  const remaining = new Map<readonly Entity[], Map<Entity, readonly Entity[]>>()
  const open = new Map<readonly Entity[], readonly Entity[]>()

  function leaveOut(items: readonly Entity[], excluded: Entity): readonly Entity[] {
    let known = remaining.get(items)
    if (!known) remaining.set(items, (known = new Map()))
    let rest = known.get(excluded)
    if (!rest) known.set(excluded, (rest = items.filter((item) => item !== excluded)))
    return rest
  }

  function everyone(environment: Environment): readonly Entity[] {
    let items = follow(environment[root], path).has[list]
    for (const [other, ...steps] of exceptions) items = leaveOut(items, follow(environment[other], steps))
    return items
  }

  function hiddenBy(item: Entity): Hidden | undefined {
    for (const steps of facts) {
      const hidden = hiddenOn(item, steps)
      if (hidden) return hidden
    }
    return undefined
  }

  function domain(environment: Environment): readonly Entity[] {
    const items = everyone(environment)
    if (facts.length === 0) return items
    let told = open.get(items)
    if (!told) {
      told = items.filter((item) => !hiddenBy(item))
      open.set(items, told)
    }
    return told
  }

  const uses = [root, ...exceptions.map(([other]) => other)]
  return {
    kind: 'pick',
    free: union(without(body.free, slot), uses),
    tells,
    slot,
    uses,
    domain,
    everyone,
    hiddenBy,
    body,
  }
}

/** Binds slots to what follows from other slots; decides nothing. */
export function given(values: Readonly<Record<string, Computed>>, ...body: Grammar[]): Grammar {
  return Object.entries(values).reduceRight<Grammar>(
    (inner, [slot, { uses, tells, value }]): Given => ({
      kind: 'given',
      free: union(without(inner.free, slot), uses),
      tells: union(inner.tells, tells),
      slot,
      uses,
      value,
      body: inner,
    }),
    one(body),
  )
}

/** `take` different parts in any order, every ordered selection equally likely. */
export function shuffled(take: number, ...parts: Grammar[]): Shuffled {
  return { kind: 'shuffled', free: freeOf(parts), tells: toldBy(parts), take, parts }
}
