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

/** Ranges of up to this many bytes are told apart by three words: {@link masks} leaves of each what is in the range. */
export const threeWords = 12

/** Of a range of up to {@link threeWords} bytes. */
export function hashWords(a: number, b: number, c: number, length: number): number {
  const mixed = Math.imul(Math.imul(Math.imul(a ^ length, 0x9e3779b1) ^ b, 0x85ebca6b) ^ c, 0xc2b2ae35)
  return mixed ^ (mixed >>> 15)
}

/** Whether `length` bytes from `a` and from `b` are the same. */
export function equalRanges(first: Uint8Array, a: number, second: Uint8Array, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (first[a + i] !== second[b + i]) return false
  return true
}

/** As {@link equalRanges}, four bytes a step. @param first with {@link padding} bytes to spare, as `second` */
export function equalWords(first: DataView, a: number, second: DataView, b: number, length: number): boolean {
  let i = 0
  for (; i + 4 <= length; i += 4) if (first.getInt32(a + i, true) !== second.getInt32(b + i, true)) return false
  return i === length || ((first.getInt32(a + i, true) ^ second.getInt32(b + i, true)) & masks[8 + length - i]) === 0
}
