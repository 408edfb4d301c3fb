import { type PackedDType, packings } from '../base/index.ts'
import { codecs, packRows, unpackRows } from '../packing/index.ts'
import type { InputStatistics } from './calibrate.ts'
import { outputError } from './output-error.ts'
import type { Products } from './products.ts'
import { scaleColumns } from './scale-columns.ts'

export interface AwqOptions {
  /** Exponents that are tried: 0, 1/steps, …, below 1. Default 20. */
  readonly steps?: number
}

/** Factors of a layer's input channels. */
export interface ChannelFactors {
  /** `[K]`: weights are multiplied with them, inputs divided. */
  readonly factors: Float32Array
  /** The exponent that gave them. */
  readonly exponent: number
}

/** Rows by which factors are judged; more are sampled evenly. */
const JUDGED_ROWS = 512

/**
 * Factors of input channels that make the layer's output error least when its weights are rounded after being multiplied
 * with them: channels with large inputs get finer steps. With an exponent of 0 all factors are 1.
 *
 * @param weights `[N, K]`
 * Cost: `steps` times rounding and 2·N·K² FLOPs, for 512 rows at most.
 * Source: Lin et al. 2023, §3.2, equations 4 and 5; the error is that of this layer, by its inputs' second moments.
 */
export async function awqFactors(
  weights: Float32Array,
  { meanMagnitude, hessian }: InputStatistics,
  dtype: PackedDType,
  products: Products,
  { steps = 20 }: AwqOptions = {},
): Promise<ChannelFactors> {
  const columns = meanMagnitude.length
  const judged = sampleRows(weights, columns)
  let best: ChannelFactors = { factors: new Float32Array(columns).fill(1), exponent: 0 }
  let least = Infinity
  for (let step = 0; step < steps; step++) {
    const exponent = step / steps
    const factors = factorsOf(meanMagnitude, exponent)
    const rounded = unpackRows(dtype, packRows(dtype, scaleColumns(judged, factors), columns), columns)
    const off = scaleColumns(
      rounded,
      factors.map((factor) => 1 / factor),
    )
    for (let i = 0; i < off.length; i++) off[i] -= judged[i]
    const error = await outputError(off, hessian, products)
    if (error < least) {
      least = error
      best = { factors, exponent }
    }
  }
  return best
}

/** mean|x| to a power, with geometric middle 1 between its extremes. */
function factorsOf(meanMagnitude: Float32Array, exponent: number): Float32Array {
  const mean = meanMagnitude.reduce((sum, value) => sum + value, 0) / meanMagnitude.length
  // A channel that is never used must not get a factor of 0.
  const powers = meanMagnitude.map((value) => Math.max(value, 1e-4 * mean, Number.MIN_VALUE) ** exponent)
  const middle = Math.sqrt(powers.reduce((a, b) => Math.max(a, b)) * powers.reduce((a, b) => Math.min(a, b)))
  return Number.isFinite(middle) && middle > 0 ? powers.map((power) => power / middle) : powers.fill(1)
}

function sampleRows(weights: Float32Array, columns: number): Float32Array {
  const rows = weights.length / columns
  if (rows <= JUDGED_ROWS) return weights
  const some = new Float32Array(JUDGED_ROWS * columns)
  for (let i = 0; i < JUDGED_ROWS; i++) {
    const row = Math.floor((i * rows) / JUDGED_ROWS)
    some.set(weights.subarray(row * columns, (row + 1) * columns), i * columns)
  }
  return some
}

/** What the greatest magnitude of a block is cut to. */
const cuts = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7] as const

/**
 * Weights whose extremes are cut where that makes the output error of their block of neighbours less, because all others
 * get finer steps. Types that have one scale for a whole row, or search for their scales, are left alone.
 *
 * @param weights `[N, K]`
 * @param hessian `[K, K]`, of the same inputs
 * Cost: 7 times rounding, and 7 multiply-adds a weight for each neighbour of its block.
 * Source: Lin et al. 2023, §3.2 and its authors' code (`auto_clip`), with the block's own second moments.
 */
export function clipped(weights: Float32Array, hessian: Float32Array, dtype: PackedDType): Float32Array {
  const { elements, header, bytes } = packings[dtype]
  if (header > 0 || elements > 64) return weights
  const columns = Math.sqrt(hessian.length)
  const result = weights.slice()
  const row = new Uint8Array(bytes)
  const tried = new Float32Array(elements)
  const rounded = new Float32Array(elements)
  const moments = new Float64Array(elements * elements)
  for (let at = 0; at < columns; at += elements) {
    for (let i = 0; i < elements; i++)
      for (let j = 0; j < elements; j++) moments[i * elements + j] = hessian[(at + i) * columns + at + j]
    for (let n = 0; n < weights.length; n += columns) {
      const block = weights.subarray(n + at, n + at + elements)
      let greatest = 0
      for (const value of block) greatest = Math.max(greatest, Math.abs(value))
      let least = Infinity
      for (const cut of cuts) {
        const limit = cut * greatest
        for (let i = 0; i < elements; i++) tried[i] = Math.max(-limit, Math.min(limit, block[i]))
        codecs[dtype].pack(tried, row)
        codecs[dtype].unpack(row, rounded)
        for (let i = 0; i < elements; i++) rounded[i] -= block[i]
        const error = quadratic(rounded, moments)
        if (error >= least) continue
        least = error
        result.set(tried, n + at)
      }
    }
  }
  return result
}

/** dᵀ·M·d */
function quadratic(d: Float32Array, moments: Float64Array): number {
  let total = 0
  for (let i = 0; i < d.length; i++) {
    let sum = 0
    for (let j = 0; j < d.length; j++) sum += moments[i * d.length + j] * d[j]
    total += sum * d[i]
  }
  return total
}
