import { keepPieces, type UnigramState } from './unigram-em.ts'

/** The best cut of a stretch of the lattice; kept for the next one. */
interface Cut {
  /** Log probability up to each place. */
  readonly best: Float64Array
  /** The edge that leads to each place on the best cut. */
  readonly edges: Int32Array
}

/** Viterbi from `start` on over `length` symbols, without `without`. */
function cutStretch(state: UnigramState, cut: Cut, start: number, length: number, without: number): void {
  const { scores, edgeStarts, edgePieces, edgeLengths } = state
  const { best, edges } = cut
  best.fill(Number.NEGATIVE_INFINITY, 1, length + 1)
  best[0] = 0
  for (let i = 0; i < length; i++) {
    const here = best[i]
    const last = edgeStarts[start + i + 1]
    for (let edge = edgeStarts[start + i]; edge < last; edge++) {
      const end = i + edgeLengths[edge]
      const piece = edgePieces[edge]
      if (end > length || piece === without) continue
      const score = here + scores[piece]
      if (score > best[end]) {
        best[end] = score
        edges[end] = edge
      }
    }
  }
}

/** How often each piece is in the best cuts of all runs. */
function viterbiCounts(state: UnigramState): Float64Array {
  const { lattice, edgePieces, edgeLengths, scores } = state
  const { runStarts, runCounts } = lattice
  const longest = runStarts.reduce((most, start, i) => Math.max(most, start - (runStarts[i - 1] ?? 0)), 0)
  const cut: Cut = { best: new Float64Array(longest + 1), edges: new Int32Array(longest + 1) }
  const counts = new Float64Array(scores.length)
  for (let run = 0; run < runCounts.length; run++) {
    const start = runStarts[run]
    const length = runStarts[run + 1] - start - 1
    cutStretch(state, cut, start, length, -1)
    for (let end = length; end > 0; end -= edgeLengths[cut.edges[end]])
      counts[edgePieces[cut.edges[end]]] += runCounts[run]
  }
  return counts
}

/**
 * Removes the pieces without which the text would lose least of its likelihood, on the assumption that each occurrence is
 * cut as the piece alone would be cut without itself. Pieces that no best cut has go first.
 *
 * @param size how many pieces are left, characters included
 */
export function prune(state: UnigramState, size: number): void {
  const { lattice, characterCount, scores, origins, edgePieces, edgeLengths } = state
  const { pieceStarts, pieceLengths } = lattice
  const counts = viterbiCounts(state)
  const sum = counts.reduce((all, count) => all + count, 0)
  const logSum = Math.log(sum)
  const cut: Cut = { best: new Float64Array(256), edges: new Int32Array(256) }
  /** Nats of likelihood that are lost without a piece. */
  const losses = new Float64Array(scores.length).fill(-1)
  for (let piece = characterCount; piece < scores.length; piece++) {
    const count = counts[piece]
    if (count === 0) continue
    const length = pieceLengths[origins[piece]]
    cutStretch(state, cut, pieceStarts[origins[piece]], length, piece)
    // Never the best cut, not even of itself.
    if (cut.best[length] > scores[piece]) continue
    let tokens = 0
    let others = 0
    for (let end = length; end > 0; end -= edgeLengths[cut.edges[end]]) {
      tokens++
      others += Math.log(counts[edgePieces[cut.edges[end]]] + count)
    }
    const logSumWithout = Math.log(sum + count * (tokens - 1))
    losses[piece] = count * (Math.log(count) - logSum - (others - tokens * logSumWithout))
  }
  const longer = Array.from({ length: scores.length - characterCount }, (_, i) => characterCount + i)
  const order = Int32Array.from(longer.filter((piece) => losses[piece] !== -1))
  const kept = new Uint8Array(scores.length).fill(1, 0, characterCount)
  order.sort((a, b) => losses[b] - losses[a] || a - b)
  for (const piece of order.subarray(0, Math.max(0, size - characterCount))) kept[piece] = 1
  keepPieces(state, (piece) => kept[piece] === 1)
}
