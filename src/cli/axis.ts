/**
 * Round numbers inside a range, at most `most` of them: multiples of 1, 2, 2.5 or 5 times a power of ten.
 *
 * @example
 * ticks(0.3, 4.1, 5) // [1, 2, 3, 4]
 */
export function ticks(low: number, high: number, most: number): number[] {
  if (!(high > low) || most < 1) return high === low ? [low] : []
  const power = 10 ** Math.floor(Math.log10((high - low) / most))
  const sizes = [1, 2, 2.5, 5, 10, 20].map((factor) => factor * power)
  const size = sizes.find((each) => countOf(low, high, each) <= most)!
  const first = Math.ceil(low / size - 1e-9)
  return Array.from({ length: countOf(low, high, size) }, (_, i) => tidy((first + i) * size))
}

const countOf = (low: number, high: number, size: number) =>
  Math.floor(high / size + 1e-9) - Math.ceil(low / size - 1e-9) + 1

/** Takes off what adding in binary left behind: 0.30000000000000004 is 0.3. */
const tidy = (value: number) => Number(value.toPrecision(12))

/**
 * Round numbers of a logarithmic range: powers of ten, with 2 and 5 between them where there is room.
 *
 * @example
 * logTicks(1, 2000, 6) // [1, 10, 100, 1000]
 */
export function logTicks(low: number, high: number, most: number): number[] {
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const found: number[] = []
    for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
      for (const factor of factors) {
        const value = tidy(factor * 10 ** power)
        if (value >= low && value <= high) found.push(value)
      }
    }
    if (found.length <= most) return found
    if (factors.length === 1) return found.filter((_, i) => i % Math.ceil(found.length / most) === 0)
  }
  return []
}

/** Numbers with as many decimals as the one that needs most, so that they stand under each other. */
export function tickLabels(values: readonly number[]): string[] {
  const decimals = Math.max(0, ...values.map((value) => (String(value).split('.')[1] ?? '').length))
  return values.map((value) => value.toFixed(Math.min(decimals, 6)))
}
