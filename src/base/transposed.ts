const TILE = 16

/**
 * A matrix `[rows, columns]` as `[columns, rows]`.
 *
 * @example
 * transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3) // [1, 4, 2, 5, 3, 6]
 */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length)
  // Tiles, so that neither side jumps from cache line to cache line.
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < columns; left += TILE)
      for (let i = top; i < Math.min(top + TILE, rows); i++)
        for (let j = left; j < Math.min(left + TILE, columns); j++) result[j * rows + i] = values[i * columns + j]
  return result
}
