import { FAILED, type States } from './states.ts'
import type { TokenTrie } from './token-trie.ts'

/** What a cut state says of the next token. */
interface CutMask {
  /** Tokens that are allowed whatever was cut off. */
  readonly allowed: Uint32Array
  /** Nodes of the trie below which what was cut off has a say, and the bytes that lead there. */
  readonly nodes: readonly number[]
  readonly paths: readonly Uint8Array[]
}

/** How many nodes below {@link CutMask.nodes} are walked each time; when there are more, the state is cut further down. */
const mostOpen = 4096
const cutDepths = [0, 1, 2, 4]
const mostBytes = 48 * 2 ** 20

/**
 * Which tokens may come next in a state: those whose bytes lead on.
 *
 * A walk over all tokens is done once for each cut state: what tokens a string of JSON allows is the same wherever the string
 * stands, but for the tokens that go on behind its end, and only these are looked at again.
 * Source: Dong et al. 2024, "XGrammar", §3.1 (context-independent and context-dependent tokens).
 */
export class Masks {
  readonly #states: States
  readonly #trie: TokenTrie
  readonly #words: number
  /** The kind of each node's byte. */
  readonly #kinds: Uint8Array
  readonly #cuts = new Map<number, CutMask | undefined>()
  readonly #known = new Map<number, Uint32Array>()
  /** The states on the way to the node of a walk, by depth. */
  readonly #at: Int32Array

  /** @param kinds of the bytes of the trie's nodes */
  constructor(states: States, trie: TokenTrie, words: number, kinds: Uint8Array) {
    this.#states = states
    this.#trie = trie
    this.#words = words
    this.#kinds = kinds
    this.#at = new Int32Array(trie.deepest + 1)
  }

  /** One bit an id: whether the token leads on from a state. Not to be written to. */
  of(state: number): Uint32Array {
    let mask = this.#known.get(state)
    if (mask === undefined) {
      mask = this.#make(state)
      if ((this.#known.size + 1) * this.#words * 4 > mostBytes) this.#known.clear()
      this.#known.set(state, mask)
    }
    return mask
  }

  /** The states that tokens lead to from a state, and the tokens that lead to each. */
  targets(state: number): Map<number, number[]> {
    const targets = new Map<number, number[]>()
    this.#walk(state, 0, this.#kinds.length, (id, target) => {
      const ids = targets.get(target)
      if (ids === undefined) targets.set(target, [id])
      else ids.push(id)
    })
    return targets
  }

  #make(state: number): Uint32Array {
    for (const depth of cutDepths) {
      const cut = this.#states.cut(state, depth)
      const known = this.#cutMask(cut)
      if (known === undefined) continue
      if (known.nodes.length === 0) return known.allowed
      const mask = known.allowed.slice()
      known.nodes.forEach((node, i) => {
        const reached = this.#states.after(state, known.paths[i])
        if (reached !== FAILED) this.#mark(reached, node + 1, this.#trie.endOf[node], mask)
      })
      return mask
    }
    const mask = new Uint32Array(this.#words)
    this.#mark(state, 0, this.#kinds.length, mask)
    return mask
  }

  #cutMask(cut: number): CutMask | undefined {
    let known = this.#cuts.get(cut)
    if (known === undefined && !this.#cuts.has(cut)) {
      if ((this.#cuts.size + 1) * this.#words * 4 > mostBytes) this.#cuts.clear()
      known = this.#makeCut(cut)
      this.#cuts.set(cut, known)
    }
    return known
  }

  /** @returns undefined when what was cut off has a say in too many tokens */
  #makeCut(cut: number): CutMask | undefined {
    const { depthOf, endOf, tokenAt, sameAs, byteOf } = this.#trie
    const states = this.#states
    const allowed = new Uint32Array(this.#words)
    const nodes: number[] = []
    const paths: Uint8Array[] = []
    const at = this.#at
    const path = new Uint8Array(this.#trie.deepest)
    const last = states.isShared(cut) ? states.near : Number.POSITIVE_INFINITY
    let open = 0
    /** Where the subtree ends that was last put into `nodes`. */
    let covered = 0
    at[0] = cut
    if (states.isLeft(cut)) return undefined
    for (let i = 0; i < this.#kinds.length; ) {
      const depth = depthOf[i]
      const next = states.next(at[depth - 1], this.#kinds[i])
      if (next === FAILED) {
        i = endOf[i]
        continue
      }
      at[depth] = next
      path[depth - 1] = byteOf[i]
      for (let id = tokenAt[i]; id >= 0; id = sameAs[id]) allowed[id >>> 5] |= 1 << (id & 31)
      const isFar = depth >= last
      if (i + 1 < endOf[i] && i >= covered && (isFar || states.isLeft(next))) {
        nodes.push(i)
        paths.push(path.slice(0, depth))
        covered = endOf[i]
        open += endOf[i] - i - 1
        if (open > mostOpen) return undefined
      }
      i = isFar ? endOf[i] : i + 1
    }
    return { allowed, nodes, paths }
  }

  #mark(state: number, from: number, to: number, mask: Uint32Array): void {
    this.#walk(state, from, to, (id) => {
      mask[id >>> 5] |= 1 << (id & 31)
    })
  }

  /** Visits the tokens of nodes `from` up to `to`, all below one node that `state` stands at, that lead on. */
  #walk(state: number, from: number, to: number, visit: (id: number, target: number) => void): void {
    if (from >= to) return
    const { depthOf, endOf, tokenAt, sameAs } = this.#trie
    const states = this.#states
    const at = this.#at
    at[depthOf[from] - 1] = state
    for (let i = from; i < to; ) {
      const depth = depthOf[i]
      const next = states.next(at[depth - 1], this.#kinds[i])
      if (next === FAILED) {
        i = endOf[i]
        continue
      }
      at[depth] = next
      for (let id = tokenAt[i]; id >= 0; id = sameAs[id]) visit(id, next)
      i++
    }
  }
}
