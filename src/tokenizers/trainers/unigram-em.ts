import type { Lattice } from './unigram-lattice.ts'

/** Pieces that are still in the vocabulary, and all edges between them. Numbers of pieces change with each removal. */
export interface UnigramState {
  readonly lattice: Lattice
  /** Pieces of one character, which are never removed; they come first. */
  readonly characterCount: number
  /** Log probability of each piece, in nats. `[pieces]` */
  scores: Float64Array
  /** The number that each piece has in the lattice's own lists. */
  origins: Int32Array
  edgeStarts: Int32Array
  edgePieces: Int32Array
  edgeLengths: Uint8Array
}

/** What a pass over all runs found. */
export interface Expectation {
  /** Of all runs, in nats. */
  readonly logLikelihood: number
  /** Expected number of tokens. */
  readonly tokens: number
  /** Expected number of occurrences of each piece. */
  readonly counts: Float64Array
}

/** Scores from counts × lengths, as in SentencePiece. */
export function initialState(lattice: Lattice): UnigramState {
  const { pieceCounts, pieceLengths } = lattice
  const weights = pieceCounts.map((count, piece) => count * pieceLengths[piece])
  const logSum = Math.log(weights.reduce((sum, weight) => sum + weight, 0))
  return {
    lattice,
    characterCount: pieceLengths.reduce((sum, length) => sum + (length === 1 ? 1 : 0), 0),
    scores: weights.map((weight) => Math.log(weight) - logSum),
    origins: Int32Array.from(pieceCounts.keys()),
    edgeStarts: lattice.edgeStarts.slice(),
    edgePieces: lattice.edgePieces,
    edgeLengths: lattice.edgeLengths,
  }
}

/**
 * Forward–backward over every distinct run.
 *
 * @param perSymbol nats of one character on average: probabilities are scaled by it, so that products stay in range
 */
export function expectation(state: UnigramState, perSymbol: number): Expectation {
  const { lattice, scores, edgeStarts, edgePieces, edgeLengths } = state
  const { runStarts, runCounts, pieceLengths } = lattice
  const pieceCount = scores.length
  const counts = new Float64Array(pieceCount)
  const scaled = new Float64Array(pieceCount)
  for (let piece = 0; piece < pieceCount; piece++) {
    scaled[piece] = Math.exp(scores[piece] + perSymbol * pieceLengths[state.origins[piece]])
  }
  const longest = runStarts.reduce((most, start, i) => Math.max(most, start - (runStarts[i - 1] ?? 0)), 0)
  const forward = new Float64Array(longest + 1)
  const backward = new Float64Array(longest + 1)
  let logLikelihood = 0
  for (let run = 0; run < runCounts.length; run++) {
    const start = runStarts[run]
    const length = runStarts[run + 1] - start - 1
    forward.fill(0, 1, length + 1)
    forward[0] = 1
    for (let i = 0; i < length; i++) {
      const here = forward[i]
      const last = edgeStarts[start + i + 1]
      for (let edge = edgeStarts[start + i]; edge < last; edge++) {
        forward[i + edgeLengths[edge]] += here * scaled[edgePieces[edge]]
      }
    }
    const total = forward[length]
    const weight = runCounts[run]
    if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
      // A run of nothing but the rarest characters: too unlikely for a number, so it counts as its characters.
      for (let i = 0; i < length; i++) {
        const piece = edgePieces[edgeStarts[start + i]]
        counts[piece] += weight
        logLikelihood += weight * scores[piece]
      }
      continue
    }
    logLikelihood += weight * (Math.log(total) - perSymbol * length)
    const factor = weight / total
    backward[length] = 1
    for (let i = length - 1; i >= 0; i--) {
      const here = forward[i] * factor
      let sum = 0
      const last = edgeStarts[start + i + 1]
      for (let edge = edgeStarts[start + i]; edge < last; edge++) {
        const piece = edgePieces[edge]
        const behind = scaled[piece] * backward[i + edgeLengths[edge]]
        sum += behind
        counts[piece] += here * behind
      }
      backward[i] = sum
    }
  }
  return { logLikelihood, tokens: counts.reduce((sum, count) => sum + count, 0), counts }
}

/** Longer pieces that are expected to occur less often are removed; characters count as so often at least. */
const leastCount = 0.5

/**
 * Scores that fit the counts. Instead of ln c the digamma function of c is taken (Liang and Klein 2007), which pushes
 * rare pieces down: a sparse prior, as in SentencePiece.
 */
export function maximize(state: UnigramState, counts: Float64Array): void {
  const { characterCount } = state
  let sum = 0
  counts.forEach((count, piece) => {
    if (piece < characterCount) counts[piece] = Math.max(count, leastCount)
    if (counts[piece] >= leastCount) sum += counts[piece]
  })
  const logSum = digamma(sum)
  state.scores = counts.map((count) => (count < leastCount ? Number.NEGATIVE_INFINITY : digamma(count) - logSum))
  keepPieces(state, (piece) => counts[piece] >= leastCount)
}

/** The derivative of ln Γ, for x > 0: recurrence up to 7, then its asymptotic series around x − ½. */
export function digamma(x: number): number {
  let value = 0
  let at = x
  for (; at < 7; at++) value -= 1 / at
  at -= 0.5
  const square = 1 / (at * at)
  return value + Math.log(at) + square * (1 / 24 - square * (7 / 960 - square * (31 / 8064 - (square * 127) / 30720)))
}

/** Removes pieces and their edges; those that are left keep their order. */
export function keepPieces(state: UnigramState, isKept: (piece: number) => boolean): void {
  const { scores, origins, edgeStarts, edgePieces, edgeLengths } = state
  const numbers = new Int32Array(scores.length)
  let kept = 0
  for (let piece = 0; piece < scores.length; piece++) {
    numbers[piece] = isKept(piece) ? kept : -1
    if (numbers[piece] < 0) continue
    scores[kept] = scores[piece]
    origins[kept++] = origins[piece]
  }
  if (kept === scores.length) return
  state.scores = scores.slice(0, kept)
  state.origins = origins.slice(0, kept)
  let filled = 0
  let first = 0
  for (let place = 0; place + 1 < edgeStarts.length; place++) {
    const last = edgeStarts[place + 1]
    for (let edge = first; edge < last; edge++) {
      const piece = numbers[edgePieces[edge]]
      if (piece < 0) continue
      edgePieces[filled] = piece
      edgeLengths[filled++] = edgeLengths[edge]
    }
    first = last
    edgeStarts[place + 1] = filled
  }
}
