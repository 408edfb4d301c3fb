import { pieceTrie } from './piece-trie.ts'

/** Ids and code units of the tokens of the last text, from the last token to the first. */
export interface BestPath {
  /** Finds the cut with the highest sum of scores and gives the number of its tokens. */
  find(text: string): number
  /** Each token's id; −1 for a character that no piece can stand for. */
  readonly ids: Int32Array
  /** Where each token begins in the text. */
  readonly starts: Int32Array
}

/** How sums of scores are rounded. */
export type Sums = 'f64' | 'f32' | 'late'

/**
 * The Viterbi algorithm for a unigram language model (Kudo 2018): the best score up to each place is that up to an
 * earlier place plus the score of the piece between. Of equal scores the one found first stays, as in the references.
 *
 * @param parts.ids what may be matched: the ids of pieces, none of them empty
 * @param parts.unknownScore of a character that is no piece
 * @param parts.sums `f64`; or `f32`, as in SentencePiece; or `late`: kept in 32 bits but compared before they are rounded,
 *   as in SentencePiece before 0.2. They differ where cuts are equally good, as "I II" and "II I".
 * Cost: O(text · longest piece), no allocation beyond the longest text so far.
 */
export function bestPath(parts: {
  ids: ReadonlyMap<string, number>
  scoreOf(id: number): number
  unknownScore: number
  sums: Sums
}): BestPath {
  const { unknownScore } = parts
  const single = parts.sums !== 'f64'
  const early = parts.sums === 'f32'
  const trie = pieceTrie(parts.ids)
  const { classes, children, parents } = trie
  /** By node, so that a match costs no more look-ups. */
  const nodeScores = Float64Array.from(trie.ids, (id) => (id < 0 ? 0 : parts.scoreOf(id)))

  let best: Float32Array | Float64Array = new Float64Array(0)
  let nodes = new Int32Array(0)
  let froms = new Int32Array(0)
  const path = {
    ids: new Int32Array(0),
    starts: new Int32Array(0),
    find(text: string): number {
      const length = text.length
      if (froms.length <= length) {
        const size = Math.max(1024, 2 * length)
        best = single ? new Float32Array(size) : new Float64Array(size)
        nodes = new Int32Array(size)
        froms = new Int32Array(size)
        path.ids = new Int32Array(size)
        path.starts = new Int32Array(size)
      }
      froms.fill(-1, 0, length + 1)
      best[0] = 0
      for (let start = 0; start < length; ) {
        const score = best[start]
        const next = start + ((text.charCodeAt(start) & 0xfc00) === 0xd800 ? 2 : 1)
        let whole = false
        let node = 1
        for (let end = start; end < length; ) {
          const child = children[node] + classes[text.charCodeAt(end)]
          if (parents[child] !== node) break
          node = child
          end++
          if (trie.ids[node] < 0) continue
          const candidate = early ? Math.fround(score + nodeScores[node]) : score + nodeScores[node]
          if (froms[end] < 0 || candidate > best[end]) {
            best[end] = candidate
            froms[end] = start
            nodes[end] = node
          }
          if (end === next) whole = true
        }
        if (!whole) {
          const candidate = single ? Math.fround(score + unknownScore) : score + unknownScore
          if (froms[next] < 0 || candidate > best[next]) {
            best[next] = candidate
            froms[next] = start
            nodes[next] = 0
          }
        }
        start = next
      }
      let count = 0
      for (let end = length; end > 0; end = froms[end]) {
        path.ids[count] = nodes[end] === 0 ? -1 : trie.ids[nodes[end]]
        path.starts[count++] = froms[end]
      }
      return count
    },
  }
  return path
}
