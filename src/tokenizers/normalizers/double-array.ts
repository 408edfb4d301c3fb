/**
 * A trie over bytes in one array of 32-bit units, as the library Darts-clone lays it out (Yata 2008); SentencePiece keeps
 * its rules of normalization so. The unit at place p says:
 *
 *     bits 0–7 label    the byte that leads to this node; in a leaf bit 31 is set and bits 0–30 are the value
 *     bit 8             the node ends a key: its value is in the child of label 0
 *     bits 9–31 offset  children are at p ^ offset ^ label; shifted by 8 more when bit 9 is set
 */

export const endsKey = 1 << 8
const farBit = 1 << 9
export const leafBit = 0x80000000

const childrenOf = (place: number, unit: number): number => place ^ ((unit >>> 10) << ((unit & farBit) >>> 6))

/** The place from which the children of the first node are reached. */
export function rootOf(units: Uint32Array): number {
  return units.length === 0 ? 0 : childrenOf(0, units[0])
}

/**
 * Takes one byte.
 *
 * @param place from {@link rootOf}, or the last result
 * @returns the place from which the next byte is taken, or −1 when no key goes on so. Places outside the array lead
 *   nowhere, so units may be hostile.
 */
export function step(units: Uint32Array, place: number, byte: number): number {
  const next = place ^ byte
  if (next < 0 || next >= units.length) return -1
  const unit = units[next]
  return (unit & 0x800000ff) === byte ? childrenOf(next, unit) : -1
}

/** Takes one byte; whether the key ends there is in {@link step}'s unit, so this gives the value or −1. */
export function valueAfter(units: Uint32Array, place: number, byte: number): number {
  const next = place ^ byte
  const unit = units[next]
  if ((unit & endsKey) === 0) return -1
  const leaf = childrenOf(next, unit)
  return leaf >= 0 && leaf < units.length ? units[leaf] & 0x7fffffff : -1
}
