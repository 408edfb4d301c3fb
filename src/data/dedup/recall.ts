import { ConfigError, random } from '../../base/index.ts'
import { expectInteger, type MinHasher } from './minhash.ts'
import { type Bands, sCurve } from './s-curve.ts'

/** Pairs whose similarity lies from `from` to below `to`, and how many of them are candidates. */
export interface RecallBin {
  readonly from: number
  readonly to: number
  readonly pairs: number
  /** The share that the S-curve promises for the similarities of just these pairs. */
  readonly expected: number
  /** The share that was found; 0 where there are no pairs. */
  readonly measured: number
}

/**
 * Holds found pairs against the S-curve.
 *
 * @param pairs each with its Jaccard similarity, and whether it was found
 *
 * @example
 * const pairs = [{ similarity: 1, found: true }, { similarity: 1, found: true }]
 * recallBins(pairs, { bands: 14, rows: 8 }, 2)[1] // { from: 0.5, to: 1, pairs: 2, expected: 1, measured: 1 }
 */
export function recallBins(
  pairs: Iterable<{ readonly similarity: number; readonly found: boolean }>,
  bands: Bands,
  bins = 10,
): RecallBin[] {
  expectInteger('bins', bins, 1, 1000)
  const sums = Array.from({ length: bins }, () => ({ pairs: 0, expected: 0, found: 0 }))
  for (const { similarity, found } of pairs) {
    const sum = sums[Math.min(bins - 1, Math.floor(similarity * bins))]
    sum.pairs++
    sum.expected += sCurve(similarity, bands)
    if (found) sum.found++
  }
  return sums.map(({ pairs, expected, found }, i) => ({
    from: i / bins,
    to: (i + 1) / bins,
    pairs,
    expected: pairs === 0 ? sCurve((i + 0.5) / bins, bands) : expected / pairs,
    measured: pairs === 0 ? 0 : found / pairs,
  }))
}

export interface RecallExperiment extends Bands {
  /** Default 1000. */
  readonly pairs?: number
  /** Default 1. */
  readonly seed?: number
  /** Elements of the two sets together. Default 200. */
  readonly elements?: number
}

/**
 * Makes pairs of sets whose similarities are spread evenly over 0 to 1, signs them, and looks which of them share a band.
 *
 * Cost: 2 · pairs · elements · k multiplications.
 *
 * @example
 * const bins = measureRecall(minHasher(), { bands: 14, rows: 8 })
 * bins[9].measured > 0.98 // true
 */
export function measureRecall(
  hasher: MinHasher,
  { bands, rows, pairs = 1000, seed = 1, elements = 200 }: RecallExperiment,
): RecallBin[] {
  expectInteger('pairs', pairs, 1, 1e7)
  expectInteger('elements', elements, 1, 1e6)
  if (bands * rows > hasher.hashes) {
    throw new ConfigError(`measureRecall: ${bands} bands of ${rows} rows need more than ${hasher.hashes} hashes`)
  }
  const rng = random(seed)
  const results = Array.from({ length: pairs }, () => {
    const common = rng.integer(elements + 1)
    const [a, b] = setsWithCommon(common, elements, () => rng.integer(2 ** 32)).map(hasher.ofSet)
    return { similarity: common / elements, found: sharesBand(a, b, { bands, rows }) }
  })
  return recallBins(results, { bands, rows })
}

/** Two sets that have `common` of `elements` elements in common: J = common / elements. */
export function setsWithCommon(common: number, elements: number, draw: () => number): [Uint32Array, Uint32Array] {
  const drawn = new Set<number>()
  while (drawn.size < elements) drawn.add(draw())
  const all = Uint32Array.from(drawn)
  const middle = common + ((elements - common) >> 1)
  return [all.slice(0, middle), Uint32Array.of(...all.slice(0, common), ...all.slice(middle))]
}

/** Whether two signatures agree in all rows of some band. */
export function sharesBand(a: ArrayLike<number>, b: ArrayLike<number>, { bands, rows }: Bands): boolean {
  for (let band = 0; band < bands; band++) {
    let row = 0
    while (row < rows && a[band * rows + row] === b[band * rows + row]) row++
    if (row === rows) return true
  }
  return false
}
