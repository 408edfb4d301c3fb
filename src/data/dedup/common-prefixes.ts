/**
 * How much of each suffix is said by the suffix before it in the order: entry p belongs to the suffix that begins at p, and
 * is 0 for the smallest. In the order of the sequence, because then it takes one array: whoever wants it in the order of
 * suffixes reads entry order[i].
 *
 * Cost: at most 2n comparisons: the prefix of the next suffix is shorter by one at most. 4 bytes an element.
 * Source: Kasai et al. 2001; by places of the sequence: Kärkkäinen, Manzini, Puglisi 2009.
 *
 * @example
 * const bytes = new TextEncoder().encode('banana')
 * commonPrefixes(bytes, suffixArray(bytes)) // [0, 3, 2, 1, 0, 0]
 */
export function commonPrefixes(sequence: Uint8Array | Uint32Array, order: Int32Array): Int32Array {
  const n = sequence.length
  const prefixes = new Int32Array(n) // first, for each suffix, the one before it
  if (n === 0) return prefixes
  prefixes[order[0]] = -1
  for (let i = 1; i < n; i++) prefixes[order[i]] = order[i - 1]
  let length = 0
  for (let p = 0; p < n; p++) {
    const q = prefixes[p]
    if (q < 0) length = 0
    else {
      const room = n - Math.max(p, q)
      while (length < room && sequence[p + length] === sequence[q + length]) length++
    }
    prefixes[p] = length
    if (length > 0) length--
  }
  return prefixes
}
