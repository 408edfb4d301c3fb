import type { Entity } from './entity.ts'
import { hashText } from './entity.ts'
import type { Environment, Template } from './template.ts'
import { follow, template } from './template.ts'

/**
 * A probabilistic grammar as data. A document is made by walking it from the root: {@link say} writes, {@link choice}
 * and {@link pick} decide, everything else follows from what was decided. Making a document (generate.ts), its exact
 * entropy (entropy.ts), all readings of a text (parse.ts) and all texts (enumerate.ts) are one short function each
 * over these six kinds of node.
 *
 * `free` are the slots on which a node depends; `world` and `lang` included where they matter.
 */
export type Grammar = Say | Sequence | Choice | Pick | Given | Shuffled

export interface Say {
  readonly kind: 'say'
  readonly free: readonly string[]
  readonly en: Template
  readonly kk: Template
}

export interface Sequence {
  readonly kind: 'sequence'
  readonly free: readonly string[]
  readonly parts: readonly Grammar[]
}

export interface Choice {
  readonly kind: 'choice'
  readonly free: readonly string[]
  readonly options: readonly Grammar[]
  /** Sums to 1; an option of probability 0 is never made. */
  readonly probabilities: (environment: Environment) => readonly number[]
  /** Present when the options are ways of asking for one fact. */
  readonly asks?: readonly { readonly question: Say; readonly answer: Say }[]
}

export interface Pick {
  readonly kind: 'pick'
  readonly free: readonly string[]
  readonly slot: string
  /** The slots on which the domain depends. */
  readonly uses: readonly string[]
  readonly domain: (environment: Environment) => readonly Entity[]
  readonly body: Grammar
}

export interface Given {
  readonly kind: 'given'
  readonly free: readonly string[]
  readonly slot: string
  readonly value: (environment: Environment) => Entity
  readonly body: Grammar
}

export interface Shuffled {
  readonly kind: 'shuffled'
  readonly free: readonly string[]
  readonly take: number
  readonly parts: readonly Grammar[]
}

const union = (...lists: (readonly string[])[]): string[] => [...new Set(lists.flat())].sort()
const freeOf = (nodes: readonly Grammar[]): string[] => union(...nodes.map((node) => node.free))
const without = (slots: readonly string[], slot: string): string[] => slots.filter((other) => other !== slot)

/** Writes one sentence, in the language of the document. */
export function say(english: string, kazakh: string): Say {
  const en = template(english, 'en')
  const kk = template(kazakh, 'kk')
  return { kind: 'say', free: union(['lang'], en.slots, kk.slots), en, kk }
}

export function sequence(...parts: Grammar[]): Sequence {
  return { kind: 'sequence', free: freeOf(parts), parts }
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
  return { kind: 'choice', free: freeOf(options), options, probabilities: () => probabilities }
}

/**
 * Binds a slot to one entity of a list, each equally likely, for the body.
 *
 * @param from a list of the world (`people`) or of a slot (`x.kin`, `x.season.weather`)
 * @param except a slot or path whose entity is left out of the list
 */
export function pick(slot: string, from: string, body: Grammar, except?: string): Pick {
  const steps = from.split('.')
  const [root, path, list] = [steps.length > 1 ? steps[0] : 'world', steps.slice(1, -1), steps[steps.length - 1]]
  const [exceptRoot, ...exceptPath] = except?.split('.') ?? []
  const remaining = new Map<readonly Entity[], Map<Entity, readonly Entity[]>>()
  function domain(environment: Environment): readonly Entity[] {
    const all = follow(environment[root], path).has[list]
    if (exceptRoot === undefined) return all
    const excluded = follow(environment[exceptRoot], exceptPath)
    let known = remaining.get(all)
    if (!known) remaining.set(all, (known = new Map()))
    let rest = known.get(excluded)
    if (!rest) known.set(excluded, (rest = all.filter((item) => item !== excluded)))
    return rest
  }
  const uses = exceptRoot === undefined ? [root] : [root, exceptRoot]
  return { kind: 'pick', free: union(without(body.free, slot), uses), slot, uses, domain, body }
}

/** Binds a slot to what follows from other slots; decides nothing. */
export function given(slot: string, uses: readonly string[], value: (...of: Entity[]) => Entity, body: Grammar): Given {
  const free = union(without(body.free, slot), uses)
  return { kind: 'given', free, slot, value: (environment) => value(...uses.map((use) => environment[use])), body }
}

/** `take` different parts in any order, every ordered selection equally likely. */
export function shuffled(take: number, ...parts: Grammar[]): Shuffled {
  return { kind: 'shuffled', free: freeOf(parts), take, parts }
}

/** Of all (fact, phrasing) pairs of questions, the share that is never asked in any document. */
export const heldOutShare = 0.05

/**
 * A question and its answer, in one of several phrasings: [question, answer] in English, then in Kazakh.
 *
 * Held out: of the n phrasings for one fact in one language, a hash of world, fact and language leaves out at most
 * one, with probability n · {@link heldOutShare}, so every fact keeps a phrasing and the share is met on average.
 * A single phrasing is never held out.
 */
export function ask(
  name: string,
  slots: readonly string[],
  ...phrasings: (readonly [en: readonly [string, string], kk: readonly [string, string]])[]
): Choice {
  const asks = phrasings.map(([en, kk]) => ({ question: say(en[0], kk[0]), answer: say(en[1], kk[1]) }))
  const options = phrasings.map(([en, kk]) =>
    say(`Question: ${en[0]}\nAnswer: ${en[1]}\n`, `Сұрақ: ${kk[0]}\nЖауап: ${kk[1]}\n`),
  )
  const count = options.length
  const law = (left: number): number[] => {
    const kept = left < count ? count - 1 : count
    return options.map((_, i) => (i === left ? 0 : 1 / kept))
  }
  const laws = Array.from({ length: count + 1 }, (_, left) => law(left)) // the last leaves out none
  const key = hashText(name)
  function probabilities(environment: Environment): readonly number[] {
    if (count === 1) return laws[1]
    let hash = mix(key ^ environment.world.hash) ^ environment.lang.hash
    for (const slot of slots) hash = mix(hash) ^ environment[slot].hash
    return laws[Math.min(Math.floor(mix(hash) / 2 ** 32 / heldOutShare), count)]
  }
  return { kind: 'choice', free: union(['world', 'lang'], slots, freeOf(options)), options, probabilities, asks }
}

/** A bijection of 32 bits that scatters neighbours (the finaliser of MurmurHash3, Appleby 2011). */
function mix(word: number): number {
  let x = word
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
