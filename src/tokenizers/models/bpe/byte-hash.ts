/**
 * Hashes of ranges of bytes, four bytes a step. What is read past the end of a range is masked away, so buffers have
 * {@link padding} bytes to spare.
 */

/** Bytes behind the last one that reading whole words may touch. */
export const padding = 12

/** `masks[8 + n]` keeps the first n bytes of a little-endian word: none for n ≤ 0, all for n ≥ 4. */
export const masks: Int32Array = Int32Array.from({ length: 21 }, (_, i) => {
  const kept = i - 8
  return kept <= 0 ? 0 : kept >= 4 ? -1 : 2 ** (8 * kept) - 1
})

/** @param view little-endian, with {@link padding} bytes after `end` */
export function hashRange(view: DataView, start: number, end: number): number {
  let hash = end - start
  let at = start
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  if (at < end) hash = Math.imul(hash ^ (view.getInt32(at, true) & masks[8 + end - at]), 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

/** Whether `length` bytes from `a` and from `b` are the same. */
export function equalRanges(first: Uint8Array, a: number, second: Uint8Array, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (first[a + i] !== second[b + i]) return false
  return true
}
