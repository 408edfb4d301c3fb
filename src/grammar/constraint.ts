import { ConfigError } from '../base/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'
import { compileGrammar, type GrammarProgram } from './compile-grammar.ts'
import { type Grammar, optional, rule, sequence, text } from './expression.ts'
import { Liveness } from './liveness.ts'
import { Masks } from './masks.ts'
import { FAILED, States } from './states.ts'
import type { TokenTrie } from './token-trie.ts'
import { type Vocabulary, vocabularyOf } from './vocabulary.ts'

/** What may come next in one text that has to follow a grammar; made anew for each text. */
export interface GrammarConstraint {
  /**
   * One bit an id, 32 to a word, lowest first: whether the token may come next. Not to be changed, and good until `accept`.
   *
   * @throws ConfigError when the text so far can be read in too many ways
   */
  allowed(): Uint32Array
  /** Goes on after `id`. @throws ConfigError when it is not allowed */
  accept(id: number): void
  /** Whether the text may end here. */
  readonly mayEnd: boolean
  /** Whether it must: nothing may follow but a token that ends it. */
  readonly mustEnd: boolean
  /** Another one that stands where this one does. Cost: none to speak of. */
  clone(): GrammarConstraint
}

export interface ConstraintOptions {
  /**
   * Ids or names of the tokens that end a text; they are allowed exactly where it may end. When not given, the special
   * tokens that are called so in known tokenizers: `<|endoftext|>`, `</s>`, `<|im_end|>`, …
   */
  readonly ends?: readonly (number | string)[]
  /**
   * Whether the text stands behind another in what is decoded, as when prompt and answer are decoded together. Otherwise the
   * text is what decoding its own ids gives, where many tokenizers leave out a first space. Default false.
   */
  readonly continues?: boolean
}

/**
 * Prepares a grammar for a tokenizer: what is returned makes a constraint for each text.
 *
 * A token is allowed exactly when some text of the grammar begins with what was accepted and the token's bytes, which may be
 * parts of characters. Special tokens never are, but for those that end a text. Where a vocabulary lacks single bytes, a
 * token is allowed only if tokens can then finish the text, so there is always a way on.
 *
 * @throws ConfigError for a grammar that cannot be used (no text, a rule that begins with itself), and for a vocabulary that
 *   can spell no text of it
 * Cost: the first constraint of a tokenizer takes some tenths of a second; the first mask in a new kind of place some
 *   milliseconds for 50,000 tokens, other masks microseconds.
 * Source: Willard and Louf 2023, "Efficient guided generation for large language models"; Dong et al. 2024, "XGrammar".
 *
 * @example
 * const constraint = grammarConstraint(regexGrammar('(yes|no)!'), byteTokenizer())()
 * const next = () => Array.from('eny!', (each) => (constraint.allowed()[each.charCodeAt(0) >> 5] >>> (each.charCodeAt(0) & 31)) & 1)
 * next() // [0, 1, 1, 0]
 * for (const id of byteTokenizer().encode('no')) constraint.accept(id)
 * next() // [0, 0, 0, 1]
 * constraint.accept(33)
 * constraint.mustEnd // true
 */
export function grammarConstraint(
  grammar: Grammar,
  tokenizer: Tokenizer,
  { ends, continues = false }: ConstraintOptions = {},
): () => GrammarConstraint {
  const vocabulary = vocabularyOf(tokenizer, ends)
  const program = compileGrammar(vocabulary.dropsLastSpace ? withLastSpace(grammar) : grammar)
  const engine = new Engine(program, vocabulary)
  const { states } = engine.pool
  const isFirst = !continues && vocabulary.first !== vocabulary.later
  const begin = () => new TextConstraint(engine, engine.pool, engine.pool.states.start, isFirst)
  if (!states.mayEnd(states.start) && engine.pool.maskOf(states.start, isFirst).every((word) => word === 0)) {
    throw new ConfigError(`grammar: the vocabulary of ${vocabulary.size} tokens can spell no text of this grammar`)
  }
  return begin
}

/** Where a decoder drops the space behind the last word, tokens spell the text with that space. */
function withLastSpace({ root, rules }: Grammar): Grammar {
  const outer = `${root} `
  return { root: outer, rules: new Map([...rules, [outer, sequence(rule(root), optional(text(' ')))]]) }
}

/** A grammar and a vocabulary, and what is remembered of them for all texts. */
class Engine {
  readonly vocabulary: Vocabulary
  readonly #program: GrammarProgram
  pool: Pool

  constructor(program: GrammarProgram, vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    this.#program = program
    this.pool = new Pool(program, vocabulary)
  }

  /** Forgets what was remembered; texts move to the new pool when they go on. */
  renew(): void {
    this.pool = new Pool(this.#program, this.vocabulary)
  }
}

/** States, and masks by state. */
class Pool {
  readonly states: States
  readonly #vocabulary: Vocabulary
  readonly #first: Masks
  readonly #later: Masks
  readonly #liveness: Liveness | undefined
  /** Masks with ends in them, or with tokens taken out that lead nowhere, by state; negative ones begin a text. */
  readonly #finished = new Map<number, Uint32Array>()

  constructor(program: GrammarProgram, vocabulary: Vocabulary) {
    this.states = new States(program, vocabulary.later.mostDepth)
    this.#vocabulary = vocabulary
    const words = Math.ceil(vocabulary.size / 32)
    const masks = (trie: TokenTrie) =>
      new Masks(
        this.states,
        trie,
        words,
        trie.byteOf.map((byte) => this.states.kindOf[byte]),
      )
    this.#later = masks(vocabulary.later)
    this.#first = vocabulary.first === vocabulary.later ? this.#later : masks(vocabulary.first)
    const isWhole = program.nodes.used().every((used, byte) => used === 0 || vocabulary.later.singles[byte] === 1)
    this.#liveness = isWhole ? undefined : new Liveness(this.states, this.#later)
  }

  isAlive(state: number): boolean {
    return state !== FAILED && (this.#liveness === undefined || this.#liveness.isAlive(state))
  }

  maskOf(state: number, isFirst: boolean): Uint32Array {
    const masks = isFirst ? this.#first : this.#later
    const mayEnd = this.states.mayEnd(state) && this.#vocabulary.ends.length > 0
    if (!mayEnd && this.#liveness === undefined) return masks.of(state)
    const key = isFirst ? -1 - state : state
    let mask = this.#finished.get(key)
    if (mask === undefined) {
      mask = this.#liveness === undefined ? masks.of(state).slice() : this.#livingMask(masks, state, this.#liveness)
      if (mayEnd) for (const id of this.#vocabulary.ends) mask[id >>> 5] |= 1 << (id & 31)
      if (this.#finished.size * mask.length > 4 * 2 ** 20) this.#finished.clear()
      this.#finished.set(key, mask)
    }
    return mask
  }

  #livingMask(masks: Masks, state: number, liveness: Liveness): Uint32Array {
    const mask = new Uint32Array(Math.ceil(this.#vocabulary.size / 32))
    for (const [target, ids] of masks.targets(state)) {
      if (liveness.isAlive(target)) for (const id of ids) mask[id >>> 5] |= 1 << (id & 31)
    }
    return mask
  }
}

class TextConstraint implements GrammarConstraint {
  readonly #engine: Engine
  #pool: Pool
  #state: number
  #isFirst: boolean
  #isOver: boolean

  constructor(engine: Engine, pool: Pool, state: number, isFirst: boolean, isOver = false) {
    this.#engine = engine
    this.#pool = pool
    this.#state = state
    this.#isFirst = isFirst
    this.#isOver = isOver
  }

  get mayEnd(): boolean {
    return this.#isOver || this.#pool.states.mayEnd(this.#state)
  }

  get mustEnd(): boolean {
    return this.#isOver || this.#pool.states.mustEnd(this.#state)
  }

  allowed(): Uint32Array {
    if (this.#isOver) return new Uint32Array(Math.ceil(this.#engine.vocabulary.size / 32))
    this.#pool.states.rest()
    return this.#pool.maskOf(this.#state, this.#isFirst)
  }

  accept(id: number): void {
    const { ends, first, later } = this.#engine.vocabulary
    if (this.#isOver) throw new ConfigError(`grammar: token ${id} comes after a token that ended the text`)
    if (ends.includes(id)) {
      if (!this.mayEnd) throw new ConfigError(`grammar: token ${id} ends the text, which may not end here`)
      this.#isOver = true
      return
    }
    this.#moveOn()
    const { states } = this.#pool
    states.rest()
    const bytes = (this.#isFirst ? first : later).bytes[id]
    const next = bytes === undefined ? FAILED : states.after(this.#state, bytes)
    if (bytes === undefined || !this.#pool.isAlive(next)) {
      const spelled = bytes === undefined ? 'which is no text' : JSON.stringify(new TextDecoder().decode(bytes.slice()))
      throw new ConfigError(`grammar: token ${id}, ${spelled}, is not allowed here; take one of allowed()`)
    }
    this.#state = next
    this.#isFirst = false
  }

  clone(): GrammarConstraint {
    return new TextConstraint(this.#engine, this.#pool, this.#state, this.#isFirst, this.#isOver)
  }

  /** To a new pool where the old one is full. */
  #moveOn(): void {
    const engine = this.#engine
    if (engine.pool.states.isFull) engine.renew()
    if (this.#pool === engine.pool) return
    this.#state = engine.pool.states.adopt(this.#pool.states, this.#state)
    this.#pool = engine.pool
  }
}
