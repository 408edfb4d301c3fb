/** The greatest magnitude among `count` values from `at` on. */
export function absoluteMaximum(values: Float32Array, at: number, count: number): number {
  let greatest = 0
  for (let i = at; i < at + count; i++) {
    const magnitude = Math.abs(values[i])
    if (magnitude > greatest) greatest = magnitude
  }
  return greatest
}
