/** Numbers of one type, one after another in memory. */
export type Numbers = Uint8Array | Int8Array | Uint32Array | Int32Array

/**
 * Arrays of numbers one behind the other, in memory of their own.
 *
 * @param type what the result is, as there may be no parts
 *
 * @example
 * concatenated(Uint8Array, [Uint8Array.of(1, 2), Uint8Array.of(3)]) // Uint8Array.of(1, 2, 3)
 */
export function concatenated<A extends Numbers | Float32Array>(
  type: new (length: number) => A,
  parts: readonly A[],
): A {
  const all = new type(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
