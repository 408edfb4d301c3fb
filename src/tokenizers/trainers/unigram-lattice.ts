import type { Counts } from './unigram-words.ts'

/**
 * All ways to cut the distinct runs of a text into pieces, in flat arrays. Places are those of characters, one run after
 * the other, with one unused place behind each run.
 */
export interface Lattice {
  /** Symbols of characters, from 1 on; 0 behind each run. `[places]` */
  readonly symbols: Int32Array
  /** Code point of each symbol, from 1 on. */
  readonly characters: readonly number[]
  /** Where each run begins, and one more. */
  readonly runStarts: Int32Array
  /** How often each run occurs. */
  readonly runCounts: Float64Array
  /** For each place, where the pieces that begin there are listed; `[places + 1]`. */
  readonly edgeStarts: Int32Array
  readonly edgePieces: Int32Array
  readonly edgeLengths: Uint8Array
  /** Where each piece occurs, one place; the pieces of one character come first. */
  readonly pieceStarts: Int32Array
  readonly pieceLengths: Uint8Array
  /** How often each piece occurs, overlapping occurrences too. */
  readonly pieceCounts: Float64Array
}

/**
 * The frequent parts of runs as first pieces. Candidates are the nodes of the tree of suffixes: parts that occur twice at
 * least and that no longer part equals in frequency by always going on the same way; those with the highest
 * frequency × length are taken, and all characters.
 *
 * Suffixes are sorted only as deep as pieces may be long, which takes time in proportion to places × longest piece, and
 * every node that is met is a range of the sorted suffixes, so it knows all its places.
 */
export function seedLattice(
  runs: Counts,
  options: { characters: readonly number[]; longestPiece: number; seedSize: number },
): Lattice {
  const characters = [0, ...options.characters]
  const symbolOf = new Map(characters.map((code, symbol) => [code, symbol]))
  let size = 0
  for (const run of runs.keys()) size += run.length + 1
  let symbols = new Int32Array(size)
  const runStarts = new Int32Array(runs.size + 1)
  const runCounts = Float64Array.from(runs.values())
  let at = 0
  let number = 0
  for (const run of runs.keys()) {
    for (const character of run) symbols[at++] = symbolOf.get(character.codePointAt(0)!)!
    runStarts[++number] = ++at
  }
  symbols = symbols.slice(0, at)
  const counts = new Float64Array(at)
  for (let run = 0; run < runs.size; run++) counts.fill(runCounts[run], runStarts[run], runStarts[run + 1] - 1)

  const nodes = suffixNodes(symbols, counts, characters.length, options.longestPiece)
  const chosen = bestNodes(nodes, options.seedSize)
  const { suffixes } = nodes
  const pieceCount = chosen.length
  const edgeStarts = new Int32Array(at + 1)
  for (const node of chosen) for (let k = nodes.froms[node]; k < nodes.tos[node]; k++) edgeStarts[suffixes[k] + 1]++
  for (let place = 0; place < at; place++) edgeStarts[place + 1] += edgeStarts[place]
  const edgePieces = new Int32Array(edgeStarts[at])
  const edgeLengths = new Uint8Array(edgeStarts[at])
  const ends = edgeStarts.slice(0, at)
  const pieceStarts = new Int32Array(pieceCount)
  const pieceLengths = new Uint8Array(pieceCount)
  const pieceCounts = new Float64Array(pieceCount)
  chosen.forEach((node, piece) => {
    pieceStarts[piece] = suffixes[nodes.froms[node]]
    pieceLengths[piece] = nodes.lengths[node]
    pieceCounts[piece] = nodes.counts[node]
    for (let k = nodes.froms[node]; k < nodes.tos[node]; k++) {
      const edge = ends[suffixes[k]]++
      edgePieces[edge] = piece
      edgeLengths[edge] = nodes.lengths[node]
    }
  })
  const pieces = { pieceStarts, pieceLengths, pieceCounts }
  return { symbols, characters, runStarts, runCounts, edgeStarts, edgePieces, edgeLengths, ...pieces }
}

/** Nodes of the tree of suffixes: ranges of sorted suffixes that begin with the same `lengths[i]` symbols. */
interface Nodes {
  readonly suffixes: Int32Array
  froms: Int32Array
  tos: Int32Array
  lengths: Uint8Array
  counts: Float64Array
  size: number
}

function suffixNodes(symbols: Int32Array, counts: Float64Array, alphabet: number, longest: number): Nodes {
  const suffixes = new Int32Array(symbols.reduce((sum, symbol) => sum + (symbol === 0 ? 0 : 1), 0))
  let filled = 0
  symbols.forEach((symbol, place) => {
    if (symbol !== 0) suffixes[filled++] = place
  })
  const room = 1 << 12
  const nodes: Nodes = {
    suffixes,
    froms: new Int32Array(room),
    tos: new Int32Array(room),
    lengths: new Uint8Array(room),
    counts: new Float64Array(room),
    size: 0,
  }
  const sort = symbolSorter(symbols, suffixes, alphabet)

  function emit(from: number, to: number, length: number): void {
    let count = 0
    for (let k = from; k < to; k++) count += counts[suffixes[k]]
    if (count < 2 && length > 1) return
    if (nodes.size === nodes.froms.length) grow(nodes)
    nodes.froms[nodes.size] = from
    nodes.tos[nodes.size] = to
    nodes.lengths[nodes.size] = length
    nodes.counts[nodes.size++] = count
  }
  /** The suffixes of a range begin with the same `length` symbols. */
  function descend(from: number, to: number, begun: number): void {
    let length = begun
    for (; length < longest; length++) {
      const next = symbols[suffixes[from] + length]
      if (next === 0) break
      let k = from + 1
      while (k < to && symbols[suffixes[k] + length] === next) k++
      if (k < to) break
    }
    if (length > 1) emit(from, to, length)
    if (length < longest && to - from > 1) eachNext(from, to, length)
  }
  function eachNext(from: number, to: number, length: number): void {
    sort(from, to, length)
    for (let k = from; k < to; ) {
      const symbol = symbols[suffixes[k] + length]
      let end = k + 1
      while (end < to && symbols[suffixes[end] + length] === symbol) end++
      if (symbol !== 0) {
        if (length === 0) emit(k, end, 1)
        descend(k, end, length + 1)
      }
      k = end
    }
  }
  eachNext(0, suffixes.length, 0)
  return nodes
}

function grow(nodes: Nodes): void {
  const larger = <T extends Int32Array | Uint8Array | Float64Array>(array: T): T => {
    const copy = new (array.constructor as new (size: number) => T)(2 * array.length)
    copy.set(array)
    return copy
  }
  nodes.froms = larger(nodes.froms)
  nodes.tos = larger(nodes.tos)
  nodes.lengths = larger(nodes.lengths)
  nodes.counts = larger(nodes.counts)
}

/** Sorts a range of suffixes by the symbol at a depth; suffixes of equal symbols stay in order. */
function symbolSorter(symbols: Int32Array, suffixes: Int32Array, alphabet: number) {
  const few = 24
  const buckets = new Int32Array(alphabet + 1)
  const copy = new Int32Array(suffixes.length)
  const keys = new Float64Array(Math.min(suffixes.length, 4 * alphabet) + few)
  return (from: number, to: number, depth: number): void => {
    const size = to - from
    if (size <= few) {
      for (let i = from + 1; i < to; i++) {
        const place = suffixes[i]
        const symbol = symbols[place + depth]
        let k = i - 1
        for (; k >= from && symbols[suffixes[k] + depth] > symbol; k--) suffixes[k + 1] = suffixes[k]
        suffixes[k + 1] = place
      }
    } else if (4 * size < alphabet) {
      for (let i = 0; i < size; i++) keys[i] = symbols[suffixes[from + i] + depth] * 2 ** 31 + suffixes[from + i]
      keys.subarray(0, size).sort()
      for (let i = 0; i < size; i++) suffixes[from + i] = keys[i] % 2 ** 31
    } else {
      buckets.fill(0)
      for (let i = from; i < to; i++) buckets[symbols[suffixes[i] + depth] + 1]++
      for (let symbol = 1; symbol <= alphabet; symbol++) buckets[symbol] += buckets[symbol - 1]
      for (let i = from; i < to; i++) copy[buckets[symbols[suffixes[i] + depth]]++] = suffixes[i]
      suffixes.set(copy.subarray(0, size), from)
    }
  }
}

/** All characters, then the longer nodes of highest count × length, at most `most` of them, in the order of the tree. */
function bestNodes({ lengths, counts, size }: Nodes, most: number): Int32Array {
  const scores = new Float64Array(size)
  let longer = 0
  for (let node = 0; node < size; node++) {
    if (lengths[node] > 1) scores[longer++] = counts[node] * lengths[node]
  }
  let least = 0
  let ties = longer
  if (longer > most) {
    const sorted = scores.subarray(0, longer).sort()
    least = sorted[longer - most]
    ties = most
    for (let k = longer - 1; k >= 0 && sorted[k] > least; k--) ties--
  }
  const characters: number[] = []
  const others: number[] = []
  for (let node = 0; node < size; node++) {
    const score = counts[node] * lengths[node]
    if (lengths[node] === 1) characters.push(node)
    else if (score > least || (score === least && ties-- > 0)) others.push(node)
  }
  return Int32Array.from([...characters, ...others])
}
