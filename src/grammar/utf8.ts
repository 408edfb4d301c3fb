import type { Ranges } from './ranges.ts'

/** Where no character can come of the bytes read. */
export const DEAD = 0
/** Where the bytes read are a whole character of the set. */
export const WHOLE = 1

/** UTF-8 comes in one to four bytes: the last code point of each length, and what the first byte begins with. */
const lengths = [
  { last: 0x7f, lead: 0 },
  { last: 0x7ff, lead: 0xc0 },
  { last: 0xffff, lead: 0xe0 },
  { last: 0x10ffff, lead: 0xf0 },
]

/**
 * Sets of characters as automata over the bytes of UTF-8. A node says which bytes may come next; equal nodes are one, also
 * those of different sets.
 */
export class CharacterNodes {
  /** Of each node: first byte, last byte and next node, for each range of bytes, in order. */
  readonly #edges: (readonly number[])[] = [[], []]
  readonly #known = new Map<string, number>()
  readonly #entries = new Map<string, number>()
  readonly #sets = new WeakMap<Ranges, number>()
  readonly #codes = new Map<number, number>()

  get count(): number {
    return this.#edges.length
  }

  /** The node before the first byte of one character. */
  entryOfCode(code: number): number {
    let entry = this.#codes.get(code)
    if (entry === undefined) this.#codes.set(code, (entry = this.entryOf([[code, code]])))
    return entry
  }

  /** The node before the first byte of a character of a set. */
  entryOf(set: Ranges): number {
    let entry = this.#sets.get(set)
    if (entry !== undefined) return entry
    const key = set.join()
    entry = this.#entries.get(key)
    if (entry === undefined) {
      const edges: number[] = []
      let first = 0
      lengths.forEach(({ last, lead }, continuations) => {
        this.#addEdges(edges, clip(set, first, last), lead, continuations)
        first = last + 1
      })
      entry = this.#nodeOf(edges)
      this.#entries.set(key, entry)
    }
    this.#sets.set(set, entry)
    return entry
  }

  /** The node after a byte. */
  next(node: number, byte: number): number {
    const edges = this.#edges[node]
    let low = 0
    let high = edges.length / 3
    while (low < high) {
      const middle = (low + high) >> 1
      if (edges[3 * middle + 1] < byte) low = middle + 1
      else high = middle
    }
    return 3 * low < edges.length && edges[3 * low] <= byte ? edges[3 * low + 2] : DEAD
  }

  /**
   * Bytes by kind: two bytes of one kind lead from each node to the same place.
   *
   * @returns the kind of each byte `[256]`, and how many kinds there are
   */
  kinds(): { kindOf: Uint8Array; count: number } {
    const starts = new Uint8Array(257)
    for (const edges of this.#edges) {
      for (let i = 0; i < edges.length; i += 3) {
        starts[edges[i]] = 1
        starts[edges[i + 1] + 1] = 1
      }
    }
    const kindOf = new Uint8Array(256)
    let kind = 0
    for (let byte = 0; byte < 256; byte++) {
      if (byte > 0 && starts[byte] === 1) kind++
      kindOf[byte] = kind
    }
    return { kindOf, count: kind + 1 }
  }

  /** The bytes that lead anywhere from any node: `[256]` of 0 and 1. */
  used(): Uint8Array {
    const used = new Uint8Array(256)
    for (const edges of this.#edges) {
      for (let i = 0; i < edges.length; i += 3) used.fill(1, edges[i], edges[i + 1] + 1)
    }
    return used
  }

  /** The node of what is left of a character: `values` of 6 bits for each byte to come. */
  #rest(values: Ranges, continuations: number): number {
    if (continuations === 0) return WHOLE
    const edges: number[] = []
    this.#addEdges(edges, values, 0x80, continuations - 1)
    return this.#nodeOf(edges)
  }

  /** Adds what comes first of `values`: the bits above those of the continuations, marked by `lead`. */
  #addEdges(edges: number[], values: Ranges, lead: number, continuations: number): void {
    const unit = 64 ** continuations
    let head = -1
    let rest: [number, number][] = []
    const add = (first: number, last: number, target: number) => {
      const end = edges.length
      if (end > 0 && edges[end - 1] === target && edges[end - 2] === lead + first - 1) edges[end - 2] = lead + last
      else edges.push(lead + first, lead + last, target)
    }
    const close = () => {
      if (rest.length > 0) add(head, head, this.#rest(rest, continuations))
      rest = []
    }
    const part = (of: number, first: number, last: number) => {
      if (of !== head) close()
      head = of
      rest.push([first, last])
    }
    for (const [first, last] of values) {
      const start = Math.floor(first / unit)
      const end = Math.floor(last / unit)
      part(start, first - start * unit, start === end ? last - start * unit : unit - 1)
      if (start === end) continue
      close()
      if (end > start + 1) add(start + 1, end - 1, this.#rest([[0, unit - 1]], continuations))
      part(end, 0, last - end * unit)
    }
    close()
  }

  #nodeOf(edges: readonly number[]): number {
    if (edges.length === 0) return DEAD
    const key = edges.join()
    let node = this.#known.get(key)
    if (node === undefined) {
      node = this.#edges.length
      this.#edges.push(edges)
      this.#known.set(key, node)
    }
    return node
  }
}

function clip(set: Ranges, first: number, last: number): Ranges {
  const out: [number, number][] = []
  for (const [a, b] of set) if (a <= last && b >= first) out.push([Math.max(a, first), Math.min(b, last)])
  return out
}
