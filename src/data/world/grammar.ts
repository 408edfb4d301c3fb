import { ConfigError } from '../../base/index.ts'
import type { Computed } from './arithmetic.ts'
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
 * Binds slots, one after the other, each to one entity of a list, all equally likely, for the body.
 *
 * @param lists slot to list: of the world (`people`), or of a slot bound before (`x.kin`, `x.season.weather`);
 *   `villages except x.home` leaves one out
 */
export function pick(lists: Readonly<Record<string, string>>, body: Grammar): Grammar {
  return Object.entries(lists).reduceRight<Grammar>((inner, [slot, from]) => pickOne(slot, from, inner), body)
}

function pickOne(slot: string, from: string, body: Grammar): Pick {
  const [all, except] = from.split(' except ').map((path) => path.split('.'))
  const [root, path, list] = [all.length > 1 ? all[0] : 'world', all.slice(1, -1), all[all.length - 1]]
  const remaining = new Map<readonly Entity[], Map<Entity, readonly Entity[]>>()
  function domain(environment: Environment): readonly Entity[] {
    const items = follow(environment[root], path).has[list]
    if (!except) return items
    const excluded = follow(environment[except[0]], except.slice(1))
    let known = remaining.get(items)
    if (!known) remaining.set(items, (known = new Map()))
    let rest = known.get(excluded)
    if (!rest) known.set(excluded, (rest = items.filter((item) => item !== excluded)))
    return rest
  }
  const uses = except ? [root, except[0]] : [root]
  return { kind: 'pick', free: union(without(body.free, slot), uses), slot, uses, domain, body }
}

/** Binds slots to what follows from other slots; decides nothing. */
export function given(values: Readonly<Record<string, Computed>>, body: Grammar): Grammar {
  return Object.entries(values).reduceRight<Grammar>(
    (inner, [slot, { uses, value }]): Given => ({
      kind: 'given',
      free: union(without(inner.free, slot), uses),
      slot,
      value,
      body: inner,
    }),
    body,
  )
}

/** `take` different parts in any order, every ordered selection equally likely. */
export function shuffled(take: number, ...parts: Grammar[]): Shuffled {
  return { kind: 'shuffled', free: freeOf(parts), take, parts }
}

/** Of all (fact, phrasing) pairs of questions, the share that is never asked in any document. */
export const heldOutShare = 0.05

/**
 * A question and its answer, in one of several phrasings. Two lines each, English and Kazakh: question → answer.
 *
 * Held out: of the n phrasings for one fact in one language, a hash of world, fact and language leaves out at most
 * one, with probability n · {@link heldOutShare}, so every fact keeps a phrasing and the share is met on average.
 * A single phrasing is never held out. The fact is what the slots of the questions are bound to.
 *
 * @throws ConfigError when a line has no arrow or the last English line no Kazakh one
 */
export function ask(block: string): Choice {
  const lines = block.trim().split('\n')
  const pairs = lines.map((line) => line.split('→').map((side) => side.trim()))
  if (lines.length % 2 === 1 || pairs.some((pair) => pair.length !== 2)) {
    throw new ConfigError(`ask: expected pairs of lines "question → answer", English then Kazakh, got:\n${block}`)
  }
  const phrasings = Array.from({ length: lines.length / 2 }, (_, i) => [pairs[2 * i], pairs[2 * i + 1]])
  const asks = phrasings.map(([en, kk]) => ({ question: say(en[0], kk[0]), answer: say(en[1], kk[1]) }))
  const slots = without(union(...asks.map(({ question }) => question.free)), 'lang')
  const options = phrasings.map(([en, kk]) =>
    say(`Question: ${en[0]}\nAnswer: ${en[1]}\n`, `Сұрақ: ${kk[0]}\nЖауап: ${kk[1]}\n`),
  )
  const count = options.length
  const law = (left: number): number[] => {
    const kept = left < count ? count - 1 : count
    return options.map((_, i) => (i === left ? 0 : 1 / kept))
  }
  const laws = Array.from({ length: count + 1 }, (_, left) => law(left)) // the last leaves out none
  const key = hashText(lines[0].trim())
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
