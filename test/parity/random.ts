import { read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { elementary, u } from './bound.ts'
import { type Bound, i32, type ParityCase, result, values } from './case.ts'

/** u itself is exact; high − low, the product and the sum are rounded. */
const uniformBound: Bound = ({ outputs: [y], attributes }) => {
  const [, , low, high] = attributes as number[]
  return [read(y).map((value) => 3 * u * (Math.abs(high) + Math.abs(low)) + u * Math.abs(value))]
}

/**
 * z = r·cos a: the logarithm is off by 4 ulp of itself and by u where it is near 0, a root turns that into at most its
 * square root; the angle, at most 2π, by 2 u of itself.
 */
const normalBound: Bound = ({ outputs: [y], attributes }) => {
  const [, , mean, deviation] = attributes as number[]
  const angleError = 2 * Math.PI * 2 * u + elementary
  return [
    read(y).map((value) => {
      const radius = Math.sqrt(2 * Math.log(2 ** 24)) // at most: it is not known from one of the pair
      const logError = 2 * elementary + 2 * u
      const z = Math.abs((value - mean) / deviation)
      const rootError = Math.min(Math.sqrt(2 * logError), logError / Math.max(z, 1e-9)) + elementary * radius
      return deviation * (rootError + radius * angleError) + 2 * u * (Math.abs(mean) + Math.abs(value))
    }),
  ]
}

interface Options {
  readonly seed?: number
  readonly stream?: number
  readonly step?: number
  readonly low?: number
  readonly high?: number
}

function randomCases(shape: Shape, { seed = 1, stream = 0, step, low = 0, high = 1 }: Options = {}): ParityCase[] {
  return (['random-uniform', 'random-normal'] as const).map((kernel) => ({
    name: `${kernel} [${shape}] ${JSON.stringify({ seed, stream, step, low, high })}`,
    kernel,
    inputs: [step === undefined ? null : i32([1], values(step))],
    outputs: [result(shape)],
    attributes: [seed, stream, low, high],
    bound: kernel === 'random-uniform' ? uniformBound : normalBound,
  }))
}

export const cases: ParityCase[] = [
  ...[[], [1], [2], [3], [7], [65], [3, 5, 7], [1000], [70_001], [0]].flatMap((shape) => randomCases(shape)),
  ...randomCases([129], { seed: 2 ** 40 + 12345 }),
  ...randomCases([129], { seed: 2 ** 53 - 1, stream: 2 ** 32 - 1 }),
  ...randomCases([129], { stream: 3, step: 0 }),
  ...randomCases([129], { stream: 3, step: 17 }),
  ...randomCases([129], { step: -1 }),
  ...randomCases([1000], { low: -3, high: 0.02 }),
  ...randomCases([1000], { low: 5, high: 7 }),
]
