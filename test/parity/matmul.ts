import { absent, f64View, kernels, read } from '../../src/backend/reference/index.ts'
import { elementary, gamma, readOr, u } from './bound.ts'
import { type Bound, bf16, f32, normal, oneIn, type ParityCase, result, values } from './case.ts'

/**
 * A product of K terms is off by gamma(K)·Σ|a·b|; bias and residual add one rounding each; an activation passes on at
 * most 1.13 of an error (the steepest slope of gelu), and gelu and silu add their own.
 */
const bound: Bound = ({ inputs: [a, b, bias = absent, residual = absent], outputs: [c, pre], attributes }) => {
  const [transposeA, transposeB, activation, precision] = attributes as number[]
  const matmul = kernels.get('matmul')!
  const magnitude = f64View(c.shape)
  matmul(
    [a, b].map(({ shape, ...view }) => f64View(shape, read({ shape, ...view }).map(Math.abs))),
    [magnitude],
    [transposeA, transposeB, 0, precision],
  )
  // What goes into the activation: c itself when nothing comes after the bias.
  const plain = activation === 0 && residual === absent
  const before = plain ? c : f64View(c.shape)
  if (!plain) matmul([a, b, bias], [before], [transposeA, transposeB, 0, precision])
  const N = c.shape[c.shape.length - 1]
  const K = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const bs = readOr(bias, N)
  const rs = readOr(residual, c.elements.length)
  const cs = read(c)
  const befores = read(before)
  const preError = read(magnitude).map((m, i) => gamma(K + 1) * m + u * (Math.abs(bs[i % N]) + Math.abs(befores[i])))
  const error = preError.map(
    (e, i) =>
      1.13 * e + (activation > 1 ? elementary * Math.abs(befores[i]) : 0) + u * (Math.abs(rs[i]) + Math.abs(cs[i])),
  )
  return pre ? [error, preError] : [error]
}

interface Sizes {
  readonly batch?: readonly number[]
  readonly M: number
  readonly K: number
  readonly N: number
}

interface Options {
  readonly transposeA?: 0 | 1
  readonly transposeB?: 0 | 1
  readonly activation?: 0 | 1 | 2 | 3
  readonly precision?: 0 | 1
  readonly bias?: boolean
  readonly residual?: boolean
  readonly pre?: boolean
  readonly inPlace?: boolean
  readonly a?: 'f32' | 'bf16'
  readonly b?: 'f32' | 'bf16'
  readonly c?: 'f32' | 'bf16'
}

function matmulCase({ batch = [], M, K, N }: Sizes, options: Options = {}): ParityCase {
  const { transposeA = 0, transposeB = 0, activation = 0, precision = 0, a = 'f32', b = 'f32', c = 'f32' } = options
  const type = { f32, bf16 }
  const shape = [...batch, M, N]
  return {
    name: `matmul ${[...batch, M, K, N].join('×')} ${JSON.stringify(options)}`,
    kernel: 'matmul',
    inputs: [
      type[a]([...batch, ...(transposeA ? [K, M] : [M, K])]),
      type[b]([...batch, ...(transposeB ? [N, K] : [K, N])]),
      options.bias ? f32([N]) : null,
      options.residual ? type[c](shape) : null,
    ],
    outputs: [result(shape, c), options.pre ? result(shape, c) : null],
    attributes: [transposeA, transposeB, activation, precision],
    aliases: options.inPlace ? [[0, 3]] : [],
    bound,
  }
}

const flags = [0, 1] as const
const both = flags.flatMap((transposeA) => flags.map((transposeB) => ({ transposeA, transposeB })))
const dtypes = ['f32', 'bf16'] as const

const sizes: Sizes[] = [
  { M: 1, K: 1, N: 1 },
  { M: 3, K: 7, N: 17 },
  { M: 17, K: 65, N: 129 },
  { M: 64, K: 64, N: 64 },
  { M: 129, K: 65, N: 1 },
  { M: 1, K: 1000, N: 129 },
  { M: 129, K: 1000, N: 65 },
  { M: 1000, K: 7, N: 3 },
  { M: 5, K: 3, N: 1000 },
  { batch: [3], M: 7, K: 17, N: 65 },
  { batch: [1, 2, 3], M: 17, K: 3, N: 7 },
]

const extreme = matmulCase({ M: 17, K: 4, N: 33 })

export const cases: ParityCase[] = [
  ...sizes.flatMap((size) =>
    both.flatMap((transposes) => flags.map((precision) => matmulCase(size, { ...transposes, precision }))),
  ),
  // Everything after the product.
  ...([0, 1, 2, 3] as const).flatMap((activation) => [
    matmulCase({ M: 17, K: 65, N: 129 }, { activation }),
    matmulCase({ M: 7, K: 65, N: 31 }, { activation, bias: true, pre: true }),
    matmulCase({ M: 65, K: 17, N: 48 }, { activation, bias: true, residual: true, precision: 1 }),
    matmulCase({ M: 65, K: 17, N: 50 }, { activation, bias: true, residual: true, pre: true, inPlace: true }),
    matmulCase({ M: 9, K: 300, N: 50 }, { activation, residual: true, inPlace: true, transposeB: 1 }),
  ]),
  matmulCase({ batch: [3], M: 17, K: 5, N: 33 }, { bias: true, residual: true, inPlace: true }),
  // Storage: any of the three in bf16.
  ...dtypes.flatMap((a) =>
    dtypes.flatMap((b) =>
      dtypes.flatMap((c) =>
        flags.map((precision) =>
          matmulCase(
            { M: 19, K: 67, N: 53 },
            { a, b, c, precision, bias: true, residual: true, pre: true, activation: 2, transposeB: precision },
          ),
        ),
      ),
    ),
  ),
  ...both.map((transposes) =>
    matmulCase({ M: 33, K: 129, N: 47 }, { ...transposes, a: 'bf16', b: 'bf16', precision: 1 }),
  ),
  // Sizes beyond one block of any blocking.
  matmulCase({ M: 260, K: 300, N: 130 }, { precision: 0 }),
  matmulCase({ M: 260, K: 300, N: 130 }, { precision: 1, transposeA: 1 }),
  matmulCase({ M: 8, K: 3000, N: 40 }, { transposeB: 1 }),
  matmulCase({ M: 8, K: 20, N: 5000 }, { precision: 1 }),
  matmulCase({ M: 2000, K: 20, N: 9 }, { transposeA: 1 }),
  // Nothing to do, nothing to sum.
  matmulCase({ M: 0, K: 5, N: 7 }),
  matmulCase({ M: 5, K: 7, N: 0 }),
  matmulCase({ batch: [0], M: 5, K: 7, N: 3 }),
  matmulCase({ M: 5, K: 0, N: 7 }, { bias: true }),
  matmulCase({ M: 5, K: 0, N: 17 }, { residual: true, inPlace: true, precision: 1 }),
  // Far out: products of very large with very small numbers, and denormal operands.
  {
    ...extreme,
    name: 'matmul 1e30 · 1e-30',
    inputs: [f32([17, 4], normal(1e30)), f32([4, 33], normal(1e-30)), null, null],
  },
  {
    ...extreme,
    name: 'matmul of denormal numbers',
    inputs: [f32([17, 4], values(1e-40, -3e-42, 0, 1e-45)), f32([4, 33], normal()), null, null],
  },
  // What is not a number stays in its row and column, and is not lost.
  ...[Number.NaN, Number.POSITIVE_INFINITY].flatMap((special) =>
    flags.map((precision) => ({
      ...matmulCase({ M: 17, K: 33, N: 50 }, { precision }),
      name: `matmul with a ${special} here and there, precision ${precision}`,
      inputs: [f32([17, 33], values(...oneIn(200, special))), f32([33, 50]), null, null],
    })),
  ),
]
