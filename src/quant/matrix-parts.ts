/**
 * A part of a matrix, as a matrix of its own.
 *
 * @param columns of the whole
 */
export function partOf(
  whole: Float32Array,
  columns: number,
  [row, column]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float32Array {
  const part = new Float32Array(height * width)
  for (let i = 0; i < height; i++) {
    const from = (row + i) * columns + column
    part.set(whole.subarray(from, from + width), i * width)
  }
  return part
}

/** Puts a matrix of `width` columns into a larger one. */
export function putPart(
  part: Float32Array,
  width: number,
  whole: Float32Array,
  columns: number,
  [row, column]: readonly [number, number],
): void {
  const height = part.length / width
  for (let i = 0; i < height; i++) whole.set(part.subarray(i * width, (i + 1) * width), (row + i) * columns + column)
}
