import { ConfigError } from '../../base/index.ts'
import { expectInteger } from './minhash.ts'

export interface Bands {
  /** Groups of places of a signature; documents that agree in all places of one are candidates. */
  readonly bands: number
  /** Places of a band. */
  readonly rows: number
}

/**
 * The probability that two documents become candidates: 1 − (1 − sʳ)ᵇ.
 *
 * @param similarity s, Jaccard, 0 to 1
 * Source: Leskovec, Rajaraman, Ullman, "Mining of massive datasets", §3.4.2.
 *
 * @example
 * sCurve(0.5, { bands: 2, rows: 1 }) // 0.75
 */
export function sCurve(similarity: number, { bands, rows }: Bands): number {
  if (!(similarity >= 0 && similarity <= 1)) throw new ConfigError(`sCurve: expected 0 to 1, got ${similarity}`)
  return 1 - (1 - similarity ** rows) ** bands
}

/** Strips by which the areas beside the curve are added up. */
const strips = 1000

/**
 * Bands and rows for a threshold, out of at most so many hash functions: those with the least sum of two areas, below the
 * curve left of the threshold (pairs taken in vain) and above it right of the threshold (pairs missed).
 *
 * Cost: some ms for hundreds of hash functions, a second for 4096.
 *
 * @param hashes k, 1 to 4096
 * @param threshold similarity from which documents should be found, above 0 and below 1
 * @throws ConfigError for what is out of range
 *
 * @example
 * chooseBands(128, 0.8) // { bands: 9, rows: 13 }
 */
export function chooseBands(hashes: number, threshold: number): Bands {
  expectInteger('hashes', hashes, 1, 4096)
  if (!(threshold > 0 && threshold < 1)) {
    throw new ConfigError(`chooseBands: expected a threshold between 0 and 1, got ${threshold}`)
  }
  let best: Bands = { bands: hashes, rows: 1 }
  let leastArea = Number.POSITIVE_INFINITY
  for (let rows = 1; rows <= hashes; rows++) {
    // More bands move the curve to the left: the best number is found where the sum of the areas stops to fall.
    let areaBefore = Number.POSITIVE_INFINITY
    for (let bands = 1; bands * rows <= hashes; bands++) {
      const area = errorArea({ bands, rows }, threshold)
      if (area < leastArea) [best, leastArea] = [{ bands, rows }, area]
      if (area > areaBefore) break
      areaBefore = area
    }
  }
  return best
}

function errorArea(bands: Bands, threshold: number): number {
  let area = 0
  for (let i = 0; i < strips; i++) {
    const similarity = (i + 0.5) / strips
    const found = sCurve(similarity, bands)
    area += similarity < threshold ? found : 1 - found
  }
  return area / strips
}
