import { absent, f64View, kernels, read, type View } from '../../src/backend/reference/index.ts'
import { roundsX, roundToBytes } from '../../src/backend/reference/packed-matmul.ts'
import { type PackedDType, packedRowBytes, packings, type Random, toHalf } from '../../src/base/index.ts'
import { fromPanels, toPanels, unpackRows } from '../../src/packing/index.ts'
import { elementary, gamma, readOr, u } from './bound.ts'
import {
  type Bound,
  bf16,
  exact,
  f32,
  i32,
  integers,
  normal,
  type Operand,
  oneIn,
  type ParityCase,
  result,
  values,
} from './case.ts'

type Size = readonly [rows: number, columns: number]

/** Where numbers lie in a row (`header`) or a block of it, in bytes; the codes follow or stand between. */
const scales: Readonly<Record<PackedDType, { readonly f32?: readonly number[]; readonly f16?: readonly number[] }>> = {
  int8: { f32: [0] },
  f8e4m3: { f32: [0] },
  f8e5m2: { f32: [0] },
  nf4: { f32: [0] },
  q8_0: { f16: [0] },
  q4_0: { f16: [0] },
  q4_1: { f16: [0, 2] },
  q2_k: { f16: [80, 82] },
  q4_k: { f16: [0, 2] },
  q5_k: { f16: [0, 2] },
  q6_k: { f16: [208] },
}
/** The bytes of a block that hold nothing but codes, of dtypes whose values have an offset. */
const codes: Partial<Record<PackedDType, Size>> = { q4_1: [4, 20], q2_k: [16, 80], q4_k: [16, 144], q5_k: [16, 176] }

const dtypes = Object.keys(packings) as PackedDType[]

/** Rows as files hold them: any codes (of f8 finite ones), and scales of either sign whose values are about 1. */
export function randomRows(dtype: PackedDType, [N, K]: Size, rng: Random): Uint8Array {
  const rowBytes = packedRowBytes(dtype, K)
  const { header, bytes } = packings[dtype]
  const rows = Uint8Array.from({ length: N * rowBytes }, () => rng.integer(256))
  const greatest = dtype === 'f8e4m3' ? 0x7e : 0x7b
  if (dtype.startsWith('f8')) for (let i = 0; i < rows.length; i++) if ((rows[i] & 0x7f) > greatest) rows[i] &= 0xbf
  const view = new DataView(rows.buffer)
  const size = { int8: 1 / 80, f8e4m3: 1 / 200, f8e5m2: 1 / 20000, nf4: 2, q8_0: 1 / 80 }[dtype as string] ?? 1 / 8
  const scale = () => size * (0.5 + rng.next()) * (rng.next() < 0.3 ? -1 : 1) * (dtype.endsWith('k') ? 1 / 20 : 1)
  for (let row = 0; row < rows.length; row += rowBytes) {
    const last = header > 0 ? 1 : rowBytes
    for (let at = row; at < row + last; at += bytes) {
      for (const place of scales[dtype].f32 ?? []) view.setFloat32(at + place, scale(), true)
      for (const place of scales[dtype].f16 ?? []) view.setUint16(at + place, toHalf(scale()), true)
    }
  }
  return rows
}

/** A packed input of random rows. */
export function packed(dtype: PackedDType, shape: Size): Operand {
  return { shape, dtype, fill: (rng) => toPanels(dtype, randomRows(dtype, shape, rng), shape) }
}

/** What the values of w are without their codes. */
function offsetsOf({ dtype, shape, elements }: View): Float64Array {
  const [N, K] = shape as Size
  const [from, to] = codes[dtype as PackedDType] ?? [0, 0]
  if (to === 0) return new Float64Array(N * K)
  const rows = fromPanels(dtype as PackedDType, elements as Uint8Array, [N, K])
  const { bytes } = packings[dtype as PackedDType]
  for (let at = 0; at < rows.length; at += bytes) rows.fill(0, at + from, at + to)
  return Float64Array.from(unpackRows(dtype as PackedDType, rows, K))
}

/**
 * Sums of integers are exact. Then a chain: each group of 16 or 32 elements adds its sum times two factors, whose product is
 * rounded, and where there are offsets a second term, a product with a rounded one. Values of w are rounded in the
 * reference. Packings of floats are a chain over elements. What follows the product is as in `matmul`.
 */
const bound: Bound = ({ inputs: [x, w, bias = absent, residual = absent], outputs: [c], attributes: [activation] }) => {
  const [M, N] = c.shape
  const K = x.shape[1]
  const dtype = w.dtype as PackedDType
  const left = roundsX(dtype) ? roundToBytes(read(x)) : read(x)
  const right = read(w)
  const offsets = offsetsOf(w)
  const group = !roundsX(dtype) ? 1 : dtype === 'q2_k' || dtype === 'q6_k' ? 16 : 32
  const terms = (K / group) * (codes[dtype] ? 2 : 1)
  const before = f64View(c.shape)
  kernels.get('packed-matmul')!([x, w, bias], [before], [0])
  const befores = read(before)
  const bs = readOr(bias, N)
  const rs = readOr(residual, M * N)
  const error = read(c).map((value, i) => {
    const [m, n] = [Math.floor(i / N), i % N]
    let magnitude = 0
    for (let k = 0; k < K; k++) {
      const offset = offsets[n * K + k]
      magnitude += Math.abs(left[m * K + k]) * (Math.abs(right[n * K + k] - offset) + Math.abs(offset))
    }
    // gamma of the chain, and two roundings of each term before it comes in.
    const sum = (gamma(terms) + 3 * u) * magnitude + u * (Math.abs(bs[n]) + Math.abs(befores[i]))
    const curve = activation === 0 ? 1 : 1.13
    const own = (activation as number) > 1 ? elementary * Math.abs(befores[i]) : 0
    return curve * sum + own + u * (Math.abs(rs[i]) + Math.abs(value))
  })
  return [error]
}

interface Options {
  readonly x?: Operand
  readonly activation?: 0 | 1 | 2 | 3
  readonly bias?: boolean
  readonly residual?: boolean
  readonly inPlace?: boolean
  readonly note?: string
}

function productCase(
  dtype: PackedDType,
  [M, K, N]: readonly [number, number, number],
  options: Options = {},
): ParityCase {
  const { x = f32([M, K]), activation = 0, note = '' } = options
  const parts = [activation && `activation ${activation}`, options.bias && 'bias', options.residual && 'residual']
  const words = [x.dtype, ...parts, options.inPlace && 'in place', note].filter(Boolean)
  return {
    name: `packed-matmul ${dtype} ${M}×${K}×${N}, ${words.join(', ')}`,
    kernel: 'packed-matmul',
    inputs: [x, packed(dtype, [N, K]), options.bias ? f32([N]) : null, options.residual ? f32([M, N]) : null],
    outputs: [result([M, N])],
    attributes: [activation],
    aliases: options.inPlace ? [[0, 3]] : [],
    bound,
  }
}

function interleaveCase(dtype: PackedDType, shape: Size, first: number, count: number): ParityCase {
  return {
    name: `interleave ${dtype} [${shape}], ${count} rows from ${first}`,
    kernel: 'interleave',
    inputs: [
      {
        shape: [count * packedRowBytes(dtype, shape[1])],
        dtype: 'u8',
        fill: (rng) => randomRows(dtype, [count, shape[1]], rng),
      },
    ],
    outputs: [result(shape, dtype)],
    attributes: [first],
    bound: exact,
  }
}

function gatherCase(dtype: PackedDType, shape: Size): ParityCase {
  return {
    name: `gather ${dtype} [${shape}]`,
    kernel: 'gather',
    inputs: [packed(dtype, shape), i32([3, 7], integers(-2, shape[0] + 2))],
    outputs: [result([3, 7, shape[1]])],
    attributes: [],
    bound: exact,
  }
}

/** Blocks of every size, some of them zeros, some too small to be seen. */
const uneven = values(
  ...Array.from({ length: 3 * 96 }, (_, i) => Math.sin(i * i) * [1, 0, 1e-33, 1e3, 1e-20, 1][(i >> 5) % 6]),
)

const unit = (dtype: PackedDType) => packings[dtype].elements

export const cases: ParityCase[] = dtypes.flatMap((dtype) => [
  ...[1, 2, 3, 4, 5, 8].map((M) => productCase(dtype, [M, 3 * unit(dtype), 16 * 5 + 3])),
  productCase(dtype, [1, unit(dtype), 1]),
  productCase(dtype, [1, 2 * unit(dtype), 16 * 37]),
  productCase(dtype, [9, 2 * unit(dtype), 17]),
  productCase(dtype, [61, 1024, 16 * 3 + 5]),
  productCase(dtype, [4, 2048, 33]),
  productCase(dtype, [1, 8704, 15]),
  productCase(dtype, [3, 2 * unit(dtype), 40], { x: bf16([3, 2 * unit(dtype)]), activation: 3, bias: true }),
  productCase(dtype, [33, 512, 40], { activation: 2, bias: true, residual: true, inPlace: true }),
  productCase(dtype, [2, unit(dtype), 20], { activation: 1, residual: true }),
  productCase(dtype, [3, 3 * 256, 20], { x: f32([3, 3 * 256], uneven), note: 'uneven' }),
  productCase(dtype, [70, 256, 20], { x: bf16([70, 256]) }),
  interleaveCase(dtype, [16 * 3 + 5, 2 * unit(dtype)], 0, 16 * 3 + 5),
  interleaveCase(dtype, [16 * 5, unit(dtype)], 32, 16),
  interleaveCase(dtype, [16 * 5 + 3, unit(dtype)], 64, 19),
  gatherCase(dtype, [37, 2 * unit(dtype)]),
])

cases.push(
  ...(['q8_0', 'q4_k', 'f8e4m3'] as const).flatMap((dtype) => [
    productCase(dtype, [0, 256, 20]),
    productCase(dtype, [3, 256, 0]),
    productCase(dtype, [600, 64 * 256, 18], { x: f32([600, 64 * 256], normal(3)), note: 'large' }),
    ...[Number.NaN, Number.POSITIVE_INFINITY].map((special) =>
      productCase(dtype, [7, 256, 20], { x: f32([7, 256], values(...oneIn(800, special))), note: `a ${special}` }),
    ),
  ]),
)
