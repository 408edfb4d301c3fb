import { read } from '../../src/backend/reference/index.ts'
import { elementary, u } from './bound.ts'
import { type Bound, type Fill, f32, i32, integers, type ParityCase, result, uniform, values } from './case.ts'

/**
 * The angle position·theta^(−2j/D) is off by its power (4 u for each e-fold of it, and 4 ulp) one product and, with factors, a quotient; sine and
 * cosine pass that on, and each element is a sum of two products.
 */
const bound: Bound = ({ inputs: [x, positions, factors], attributes }) => {
  const [theta, , interleaved] = attributes as number[]
  const [, T, H, D] = x.shape
  const [xs, places] = [read(x), read(positions)]
  const slower = factors ? read(factors) : undefined
  return [
    xs.map((value, i) => {
      const d = i % D
      const token = Math.floor(i / (D * H)) // b·T + t
      const j = interleaved ? Math.floor(d / 2) : d % (D / 2)
      const partner = interleaved ? i - d + (d % 2 ? d - 1 : d + 1) : i - d + ((d + D / 2) % D)
      const exponent = (2 * j) / D
      const turned = Math.abs(places[positions.shape.length === 2 ? token : token % T]) * theta ** -exponent
      const angle = turned / (slower?.[j] ?? 1)
      const turnError = elementary + angle * (elementary + 4 * u * exponent * Math.abs(Math.log(theta)) + 3 * u)
      return (Math.abs(value) + Math.abs(xs[partner])) * (turnError + 2 * u)
    }),
  ]
}

interface Options {
  readonly inverse?: 0 | 1
  readonly interleaved?: 0 | 1
  readonly positions?: Fill
  readonly perRow?: boolean
  readonly inPlace?: boolean
  readonly narrow?: boolean
  readonly theta?: number
  readonly factors?: boolean
}

function rotaryCase(shape: readonly [B: number, T: number, H: number, D: number], options: Options = {}): ParityCase {
  const [B, T] = shape
  const {
    inverse = 0,
    interleaved = 0,
    theta = 10_000,
    perRow = false,
    inPlace = false,
    narrow = false,
    factors = false,
  } = options
  const notes = Object.entries({ inverse, interleaved, perRow, inPlace, narrow, factors }).flatMap(([name, on]) =>
    on ? [`, ${name}`] : [],
  )
  return {
    name: `rotary [${shape}]${notes.join('')}${theta === 10_000 ? '' : ` theta ${theta}`}${options.positions ? ' far' : ''}`,
    kernel: 'rotary',
    inputs: [
      f32(shape),
      i32(perRow ? [B, T] : [T], options.positions ?? values(...Array.from({ length: T }, (_, t) => t))),
      ...(factors ? [f32([shape[3] / 2], uniform(1, 8))] : []),
    ],
    outputs: [result(shape, narrow ? 'bf16' : 'f32')],
    attributes: [theta, inverse, interleaved],
    aliases: inPlace ? [[0, 0]] : [],
    bound,
  }
}

const flags = [0, 1] as const

export const cases: ParityCase[] = [
  ...flags.flatMap((inverse) =>
    flags.flatMap((interleaved) => [
      rotaryCase([1, 1, 1, 2], { inverse, interleaved, positions: values(3) }),
      rotaryCase([2, 7, 3, 16], { inverse, interleaved }),
      rotaryCase([2, 65, 2, 64], { inverse, interleaved, inPlace: true }),
      rotaryCase([3, 17, 6, 80], { inverse, interleaved, perRow: true, positions: integers(0, 5000) }),
      rotaryCase([1, 3, 1, 6], { inverse, interleaved }),
      rotaryCase([2, 9, 2, 24], { inverse, interleaved, factors: true }),
      rotaryCase([2, 7, 3, 72], { inverse, interleaved, narrow: true }),
      rotaryCase([1, 129, 2, 128], { inverse, interleaved, theta: 500_000 }),
    ]),
  ),
  rotaryCase([0, 3, 2, 8]),
  rotaryCase([2, 0, 2, 8]),
]
