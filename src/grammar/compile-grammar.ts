import { ConfigError } from '../base/index.ts'
import { checkGrammar, type Emptiness } from './check-grammar.ts'
import type { Expression, Grammar } from './expression.ts'
import { CharacterNodes } from './utf8.ts'

/** A place of a compiled grammar, and what is done there. */
export type Instruction =
  /** Reads one character of the set with this node, then goes on. */
  | { readonly kind: 'read'; readonly node: number; readonly next: number }
  /** Goes on at all of these. */
  | { readonly kind: 'split'; readonly targets: readonly number[] }
  /** Goes on at a rule's entry, and when that returns at `next`. */
  | { readonly kind: 'call'; readonly entry: number; readonly next: number }
  /**
   * Counts how often its body was read: while that is below `max` it goes on at the body, from `min` on at `next`. A body
   * always reads something.
   */
  | { readonly kind: 'count'; readonly body: number; readonly min: number; readonly max: number; readonly next: number }
  /** The rule is over. */
  | { readonly kind: 'return' }

/** A grammar as instructions of an automaton with a stack. */
export interface GrammarProgram {
  readonly instructions: readonly Instruction[]
  readonly nodes: CharacterNodes
  /** Where a text begins. */
  readonly entry: number
}

/** The place that every rule ends at. */
export const RETURN = 0

const mostInstructions = 1_000_000

/**
 * Compiles a grammar. Rules stay rules, so the size is that of the grammar; repetitions are counted and not written out.
 *
 * @throws ConfigError for a grammar that cannot be used; see {@link checkGrammar}
 */
export function compileGrammar(grammar: Grammar): GrammarProgram {
  const { root, rules, isEmpty } = checkGrammar(grammar)
  const writer = new Writer(isEmpty)
  for (const name of rules.keys()) writer.entries.set(name, writer.reserve())
  for (const [name, expression] of rules) {
    const start = writer.write(expression, RETURN)
    writer.instructions[writer.entries.get(name)!] = { kind: 'split', targets: [start] }
  }
  return { instructions: writer.instructions, nodes: writer.nodes, entry: writer.entries.get(root)! }
}

/** Writes instructions from the end of an expression to its beginning, since each names what follows it. */
class Writer {
  readonly instructions: Instruction[] = [{ kind: 'return' }]
  readonly nodes = new CharacterNodes()
  readonly entries = new Map<string, number>()
  readonly #isEmpty: Emptiness
  /** Reads that are there already, by node and what follows: equal endings are one. */
  readonly #reads = new Map<number, number>()

  constructor(isEmpty: Emptiness) {
    this.#isEmpty = isEmpty
  }

  reserve(): number {
    if (this.instructions.length >= mostInstructions) {
      throw new ConfigError(`grammar: it takes more than ${mostInstructions} instructions; make it smaller`)
    }
    return this.instructions.push({ kind: 'return' }) - 1
  }

  #put(instruction: Instruction): number {
    const place = this.reserve()
    this.instructions[place] = instruction
    return place
  }

  #read(node: number, next: number): number {
    const key = next * 2 ** 26 + node
    let place = this.#reads.get(key)
    if (place === undefined) {
      place = this.#put({ kind: 'read', node, next })
      this.#reads.set(key, place)
    }
    return place
  }

  /** @returns where the expression begins when `next` follows it */
  write(expression: Expression, next: number): number {
    switch (expression.kind) {
      case 'text': {
        let place = next
        const characters = Array.from(expression.text.toWellFormed())
        for (let i = characters.length - 1; i >= 0; i--) {
          place = this.#read(this.nodes.entryOfCode(characters[i].codePointAt(0)!), place)
        }
        return place
      }
      case 'character':
        return this.#read(this.nodes.entryOf(expression.set), next)
      case 'sequence':
        return expression.parts.reduceRight((place, part) => this.write(part, place), next)
      case 'choice': {
        const targets = [...new Set(expression.options.map((option) => this.write(option, next)))]
        return targets.length === 1 ? targets[0] : this.#put({ kind: 'split', targets })
      }
      case 'rule': {
        const entry = this.entries.get(expression.name)!
        // Nothing is left to do here when the other returns, so it may return for this one: lists that are written as
        // "rest ::= item rest" need no stack.
        return next === RETURN ? entry : this.#put({ kind: 'call', entry, next })
      }
      case 'repeat':
        return this.#writeRepeat(expression, next)
    }
  }

  #writeRepeat({ body, min, max }: Expression & { kind: 'repeat' }, next: number): number {
    if (
      !(Number.isInteger(min) && min >= 0 && (max === Number.POSITIVE_INFINITY || Number.isInteger(max)) && max >= min)
    )
      throw new ConfigError(`grammar: a repetition from ${min} to ${max}; expected whole numbers with 0 ≤ min ≤ max`)
    if (max > 2 ** 30 || min > 2 ** 30) {
      if (max !== Number.POSITIVE_INFINITY || min > 2 ** 30)
        throw new ConfigError(`grammar: a repetition from ${min} to ${max}; the most is 2^30, or no end at all`)
    }
    // Where the body may be empty, rounds that read nothing stand for those that are missing.
    const least = this.#isEmpty(body) ? 0 : min
    if (max === 0) return next
    if (max === 1) {
      const start = this.write(body, next)
      return least === 0 ? this.#put({ kind: 'split', targets: [start, next] }) : start
    }
    if (max === Number.POSITIVE_INFINITY && least <= 1) {
      const loop = this.reserve()
      const start = this.write(body, loop)
      this.instructions[loop] = { kind: 'split', targets: [start, next] }
      return least === 0 ? loop : start
    }
    const loop = this.reserve()
    this.instructions[loop] = { kind: 'count', body: this.write(body, RETURN), min: least, max, next }
    return loop
  }
}
