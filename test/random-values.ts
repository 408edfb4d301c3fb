import { type Random, random } from '../src/base/index.ts'

/** `count` numbers in [low, high), the same for the same seed. */
export function uniformValues(count: number, seed: number, low = -1, high = 1): Float64Array {
  const rng: Random = random(seed)
  return Float64Array.from({ length: count }, () => low + (high - low) * rng.next())
}
