/**
 * Mixes all 32 bits of a hash into all others, one to one (the finaliser of MurmurHash3, Appleby 2011).
 *
 * @example
 * scattered(0) // 0
 */
export function scattered(hash: number): number {
  let x = hash
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
