import { ConfigError } from '../base/index.ts'
import { type GrammarProgram, RETURN } from './compile-grammar.ts'
import { Triples } from './triples.ts'
import { DEAD, WHOLE } from './utf8.ts'

/** The state of a text that no text of the language begins with. */
export const FAILED = 0

/** What lies under the lowest frame of a stack: the end of the text, or frames that were cut off. */
const BOTTOM = 0
const FLOOR = 1

const mostItems = 10_000
/** Steps for one question: some tenths of a second. */
const mostWork = 500_000
const mostFrames = 1 << 20
const mostCells = 1 << 23
/** How many frames of counts a cut stack keeps. */
const keptCounts = 6

/**
 * The states of an automaton with a stack, made as they are met, so that reading a byte is one look into a table.
 *
 * A parse is a place in the grammar, the node of the character that is being read there, and a stack of places to return to.
 * A state is the set of all parses that the bytes so far allow. Equal stacks are one, and equal sets are one: a state is a
 * number. Of states whose stacks differ only far below the top, {@link cut} makes one.
 */
export class States {
  readonly kindOf: Uint8Array
  readonly kinds: number
  /** The state after a byte of a kind, −1 where it was not asked for yet: `[states, kinds]`. Grows, so look it up anew. */
  transitions: Int32Array
  readonly start: number
  /** Within how many bytes a state whose counts were made equal to those of others behaves as the state itself. */
  readonly near: number
  readonly #program: GrammarProgram
  /**
   * Frames and parses: place, value, the frame below. The value of a parse is the node of its character, that of a frame how
   * often a count began its body, from 1 on, or 0 for the return of a call.
   */
  readonly #frames = new Triples()
  readonly #items: Int32Array[] = []
  /** States by a hash of their items. */
  readonly #known = new Map<number, number[]>()
  readonly #cuts = new Map<number, number>()
  /** States by the parses that a byte led to, before those were followed up to where characters are read. */
  readonly #outcomes = new Map<string, number>()
  readonly #byteOfKind: Uint8Array
  #work = 0

  constructor(program: GrammarProgram, near: number) {
    this.#program = program
    this.near = near
    const { kindOf, count } = program.nodes.kinds()
    this.kindOf = kindOf
    this.kinds = count
    this.#byteOfKind = new Uint8Array(count)
    kindOf.forEach((kind, byte) => {
      this.#byteOfKind[kind] = byte
    })
    this.transitions = new Int32Array(64 * count).fill(-1)
    this.#frames.idOf(-1, 0, 0) // BOTTOM
    this.#frames.idOf(-1, 0, 1) // FLOOR
    this.#stateOf([])
    this.start = this.#stateOf(this.#expanded([[program.entry, 0, BOTTOM]]))
  }

  get count(): number {
    return this.#items.length
  }

  /** Whether so much is remembered that one should begin anew, with {@link adopt}. */
  get isFull(): boolean {
    return this.#frames.count > mostFrames || this.count * this.kinds > mostCells
  }

  /** The state after a byte of a kind. @throws ConfigError when there are too many parses */
  next(state: number, kind: number): number {
    const known = this.transitions[state * this.kinds + kind]
    return known >= 0 ? known : this.#compute(state, kind)
  }

  /** The state after some bytes. */
  after(state: number, bytes: Uint8Array): number {
    for (let i = 0; i < bytes.length && state !== FAILED; i++) state = this.next(state, this.kindOf[bytes[i]])
    return state
  }

  /** Whether the text may end. */
  mayEnd(state: number): boolean {
    return this.#items[state][0] === BOTTOM
  }

  /** Whether nothing may follow. */
  mustEnd(state: number): boolean {
    return this.mayEnd(state) && this.#items[state].length === 1
  }

  /** Whether what was cut off could say more about what follows. */
  isLeft(state: number): boolean {
    const items = this.#items[state]
    return items[0] === FLOOR || items[1] === FLOOR
  }

  /** Begins to count the work anew, of which one question may only take so much. */
  rest(): void {
    this.#work = 0
  }

  /**
   * The state with all stacks cut below `depth` frames, and counts that are far from their limits made equal. Whatever it
   * allows without coming below, within {@link near} bytes, the state allows, and the other way round.
   */
  cut(state: number, depth: number): number {
    const key = state * 16 + depth
    let cut = this.#cuts.get(key)
    if (cut === undefined) {
      const items = Array.from(this.#items[state], (item) =>
        item <= FLOOR
          ? item
          : this.#frames.idOf(
              this.#frames.first(item),
              this.#frames.second(item),
              this.#cutFrame(this.#frames.third(item), depth, keptCounts),
            ),
      )
      cut = this.#stateOf(items)
      this.#cuts.set(key, cut)
    }
    return cut
  }

  /** Whether counts of a cut state stand for several: it then holds for {@link near} bytes only. */
  isShared(state: number): boolean {
    return this.#items[state].some((item) => {
      for (let frame = item; frame > FLOOR; frame = this.#frames.third(frame)) {
        if (frame !== item && this.#countClass(frame).isShared) return true
      }
      return false
    })
  }

  /** A state of another instance for the same program as one of this. */
  adopt(other: States, state: number): number {
    return this.#stateOf(Array.from(other.#items[state], (item) => this.#adoptFrame(other, item)))
  }

  #adoptFrame(other: States, frame: number): number {
    const chain: number[] = []
    for (; frame > FLOOR; frame = other.#frames.third(frame)) chain.push(frame)
    let below = frame
    for (const each of chain.reverse())
      below = this.#frames.idOf(other.#frames.first(each), other.#frames.second(each), below)
    return below
  }

  #cutFrame(frame: number, depth: number, counts: number): number {
    if (frame <= FLOOR) return frame
    const place = this.#frames.first(frame)
    const below = this.#frames.third(frame)
    if (this.#frames.second(frame) > 0) {
      if (counts === 0) return FLOOR
      return this.#frames.idOf(place, this.#countClass(frame).count, this.#cutFrame(below, depth, counts - 1))
    }
    if (depth === 0) return FLOOR
    return this.#frames.idOf(place, 0, this.#cutFrame(below, depth - 1, counts))
  }

  /** The least count that cannot be told from that of a frame for some bytes, and whether there are others. */
  #countClass(frame: number): { count: number; isShared: boolean } {
    const count = this.#frames.second(frame)
    const instruction = this.#program.instructions[this.#frames.first(frame)]
    if (count === 0 || instruction?.kind !== 'count') return { count, isShared: false }
    const { min, max } = instruction
    const far = this.near + 2
    if (count < min - far) return { count: 1, isShared: min - far > 2 }
    if (count >= min && max !== Number.POSITIVE_INFINITY && count < max - far)
      return { count: Math.max(min, 1), isShared: max - far - Math.max(min, 1) > 1 }
    return { count, isShared: false }
  }

  #compute(state: number, kind: number): number {
    const byte = this.#byteOfKind[kind]
    const { instructions, nodes } = this.#program
    const open: [number, number, number][] = []
    const kept: number[] = []
    for (const item of this.#items[state]) {
      if (item <= FLOOR) continue
      const place = this.#frames.first(item)
      const node = nodes.next(this.#frames.second(item), byte)
      if (node === DEAD) continue
      const frame = this.#frames.third(item)
      if (node !== WHOLE) kept.push(this.#frames.idOf(place, node, frame))
      else {
        const instruction = instructions[place]
        if (instruction.kind === 'read') open.push([instruction.next, 0, frame])
      }
    }
    // Most bytes of a class, such as letters, lead to the same parses.
    const key = `${open.join()}|${kept.join()}`
    let next = this.#outcomes.get(key)
    if (next === undefined) {
      next = this.#stateOf(open.length === 0 ? kept : this.#expanded(open, kept))
      this.#outcomes.set(key, next)
    }
    this.transitions[state * this.kinds + kind] = next
    return next
  }

  /** The parses that read a character next, or end, of those that stand anywhere: place, count, frame. */
  #expanded(open: readonly (readonly [number, number, number])[], into: number[] = []): number[] {
    const { instructions } = this.#program
    const seen = new Set<number>()
    // Place, count, frame, and how many of the uppermost frames were made since a byte was read.
    const waiting: number[] = []
    for (const [place, count, frame] of open) waiting.push(place, count, frame, 0)
    while (waiting.length > 0) {
      const fresh = waiting.pop()!
      const frame = waiting.pop()!
      const count = waiting.pop()!
      const place = waiting.pop()!
      if (this.#work++ > mostWork || into.length > mostItems || fresh > 1000) this.#refuse()
      if (place === RETURN) {
        if (frame <= FLOOR) into.push(frame)
        else {
          const back = this.#frames.first(frame)
          const isCount = this.#frames.second(frame) > 0
          // A round that read nothing brings nothing.
          if (isCount && fresh > 0) continue
          waiting.push(back, this.#frames.second(frame), this.#frames.third(frame), Math.max(0, fresh - 1))
        }
        continue
      }
      const instruction = instructions[place]
      if (instruction.kind === 'read') {
        into.push(this.#frames.idOf(place, instruction.node, frame))
        continue
      }
      const key =
        instruction.kind === 'count'
          ? -(this.#frames.idOf(place, count, frame) * 1024 + fresh) - 1
          : (frame * 2 ** 20 + place) * 1024 + fresh
      if (seen.has(key)) continue
      seen.add(key)
      if (instruction.kind === 'split') {
        for (const target of instruction.targets) waiting.push(target, 0, frame, fresh)
      } else if (instruction.kind === 'call') {
        waiting.push(instruction.entry, 0, this.#frames.idOf(instruction.next, 0, frame), fresh + 1)
      } else if (instruction.kind === 'count') {
        const { body, min, max, next } = instruction
        if (count >= min) waiting.push(next, 0, frame, fresh)
        if (count < max) {
          const more = max === Number.POSITIVE_INFINITY ? Math.min(count + 1, min) : count + 1
          waiting.push(body, 0, this.#frames.idOf(place, more, frame), fresh + 1)
        }
      }
    }
    return into
  }

  #refuse(): never {
    throw new ConfigError(
      'grammar: what was written so far can be read in too many ways; make choices and repetitions of the grammar that ' +
        'allow the same text into one',
    )
  }

  #stateOf(items: number[]): number {
    const sorted = Int32Array.from(new Set(items)).sort()
    if (sorted.length > mostItems) this.#refuse()
    let hash = sorted.length
    for (const item of sorted) hash = Math.imul(hash ^ item, 0x01000193) ^ (hash >>> 15)
    const alike = this.#known.get(hash) ?? []
    for (const state of alike) {
      const other = this.#items[state]
      if (other.length === sorted.length && other.every((item, i) => item === sorted[i])) return state
    }
    const state = this.#items.push(sorted) - 1
    if (alike.push(state) === 1) this.#known.set(hash, alike)
    if ((state + 1) * this.kinds > this.transitions.length) {
      const larger = new Int32Array(2 * this.transitions.length).fill(-1)
      larger.set(this.transitions)
      this.transitions = larger
    }
    return state
  }
}
