import type { Entity } from './entity.ts'
import type { Choice, Given, Grammar, Pick } from './grammar.ts'
import type { Environment } from './template.ts'

/**
 * Expected length of the documents of a grammar: in Unicode code points, and in UTF-8 bytes.
 *
 * Length is linear, so it is the sum over the pieces of all sentences of the chance that a piece is written times its
 * mean length. A piece is a literal or one hole, which depends on one slot; of the picks above it only those matter
 * that lead to this slot, so no product of all picks is ever walked. Phrasings of questions stay whole, since what is
 * held out depends on all that the question is about.
 */
export function expectedLength(
  grammar: Grammar,
  world: Entity,
): { readonly characters: number; readonly bytes: number } {
  const total = { characters: 0, bytes: 0 }
  for (const lang of world.has.languages) {
    // Pieces under the same picks are measured in one walk over these.
    const groups = new Map<string, { binders: readonly Binder[]; placed: Placed[] }>()
    const numbers = new Map<Binder, number>()
    for (const placed of pieces(grammar, lang.id as 'en' | 'kk')) {
      const binders = relevant(placed.binders, placed.piece.slots)
      for (const binder of binders) if (!numbers.has(binder)) numbers.set(binder, numbers.size)
      const key = binders.map((binder) => numbers.get(binder)).join(' ')
      const group = groups.get(key)
      if (group) group.placed.push(placed)
      else groups.set(key, { binders, placed: [placed] })
    }
    for (const { binders, placed } of groups.values()) {
      const length = meanLength(binders, placed, { world, lang })
      total.characters += length.characters / world.has.languages.length
      total.bytes += length.bytes / world.has.languages.length
    }
  }
  return total
}

interface Length {
  readonly characters: number
  readonly bytes: number
}

type Binder = Pick | Given

/** What is written as a whole: its length in an environment, and the slots on which that depends. */
interface Piece {
  readonly slots: readonly string[]
  readonly length: (environment: Environment) => Length
}

interface Placed {
  /** The chance that the piece is written. */
  readonly weight: number
  /** What binds slots above it, outermost first. */
  readonly binders: readonly Binder[]
  readonly piece: Piece
}

function* pieces(node: Grammar, language: 'en' | 'kk', weight = 1, binders: readonly Binder[] = []): Generator<Placed> {
  switch (node.kind) {
    case 'say': {
      const { literals, holes } = node[language]
      const literal = lengthOf(literals.join(''))
      yield { weight, binders, piece: { slots: [], length: () => literal } }
      for (const { slot, write } of holes) {
        const known = new Map<Entity, Length>()
        const length = (environment: Environment) => {
          const entity = environment[slot]
          let of = known.get(entity)
          if (!of) known.set(entity, (of = lengthOf(write(entity))))
          return of
        }
        yield { weight, binders, piece: { slots: [slot], length } }
      }
      return
    }
    case 'sequence':
      for (const part of node.parts) yield* pieces(part, language, weight, binders)
      return
    case 'shuffled':
      for (const part of node.parts) yield* pieces(part, language, (weight * node.take) / node.parts.length, binders)
      return
    case 'choice':
      if (node.asked) yield { weight, binders, piece: asked(node, language) }
      else {
        const probabilities = node.probabilities({})
        for (const [i, option] of node.options.entries()) {
          yield* pieces(option, language, weight * probabilities[i], binders)
        }
      }
      return
    case 'pick':
      // The language is decided by whoever calls.
      yield* pieces(node.body, language, weight, node.slot === 'lang' ? binders : [...binders, node])
      return
    case 'given':
      yield* pieces(node.body, language, weight, [...binders, node])
  }
}

function asked({ options, free, probabilities }: Choice, language: 'en' | 'kk'): Piece {
  return {
    slots: free,
    length(environment) {
      const total = { characters: 0, bytes: 0 }
      probabilities(environment).forEach((p, i) => {
        const option = options[i]
        if (p === 0 || option.kind !== 'say') return
        const { characters, bytes } = lengthOf(option[language].render(environment))
        total.characters += p * characters
        total.bytes += p * bytes
      })
      return total
    },
  }
}

/** The binders that lead to some slots. */
function relevant(binders: readonly Binder[], slots: readonly string[]): readonly Binder[] {
  const needed = new Set(slots)
  const kept: Binder[] = []
  for (const binder of [...binders].reverse()) {
    if (!needed.has(binder.slot)) continue
    for (const slot of binder.uses) needed.add(slot)
    kept.unshift(binder)
  }
  return kept
}

/** What some pieces add to the length, in the mean over what is bound above them. */
function meanLength([first, ...rest]: readonly Binder[], placed: readonly Placed[], environment: Environment): Length {
  const total = { characters: 0, bytes: 0 }
  if (!first) {
    for (const { weight, piece } of placed) {
      const { characters, bytes } = piece.length(environment)
      total.characters += weight * characters
      total.bytes += weight * bytes
    }
    return total
  }
  const bound: Record<string, Entity> = { ...environment }
  if (first.kind === 'given') {
    bound[first.slot] = first.value(environment)
    return meanLength(rest, placed, bound)
  }
  const items = first.domain(environment)
  for (const item of items) {
    bound[first.slot] = item
    const { characters, bytes } = meanLength(rest, placed, bound)
    total.characters += characters
    total.bytes += bytes
  }
  return { characters: total.characters / items.length, bytes: total.bytes / items.length }
}

function lengthOf(text: string): Length {
  return { characters: text.length, bytes: utf8Length(text) } // no letter outside the basic plane
}

/** Bytes in UTF-8 of a text of the basic plane. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) length += unit > 0x7ff ? 2 : 1
  }
  return length
}
