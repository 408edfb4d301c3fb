import { AlippeError, packedRowBytes } from '../base/index.ts'
import { packRows } from '../packing/index.ts'
import { type Grid, newScales, type Scales } from './grid.ts'
import { inverseFactor } from './inverse-factor.ts'
import { partOf, putPart } from './matrix-parts.ts'
import type { Products } from './products.ts'

export interface GptqOptions {
  /** Added to the diagonal of the Hessian, as a share of its mean. Default 0.01. */
  readonly damping?: number
  /**
   * Whether columns are rounded in the order of their input's mean square, the greatest first; scales are those of the
   * weights before. Otherwise columns go in order, and a group's scale is chosen when it is reached. Default true.
   */
  readonly activationOrder?: boolean
}

/** Columns that are rounded in plain loops before the rest hears of it. */
const BLOCK = 128

/**
 * GPTQ: rounds a matrix column by column, and takes the error of each out of the columns that are still to be rounded,
 * so that the layer's output stays near. Columns are halved again and again, so that all but blocks of 128 is matrix products.
 *
 * @param weights `[N, K]`
 * @param hessian `[K, K]`: the mean of xᵀ·x
 * @param grid what the rows can hold; rows are whole groups of it
 * @returns N packed rows
 * @throws AlippeError with code ALIPPE_NOT_POSITIVE when the Hessian is not positive semidefinite, or not finite
 * Cost: N·K² + 4/3·K³ FLOPs in products, 128·N·K in plain loops.
 * Source: Frantar et al. 2022, algorithm 1; activation order and static groups as in its authors' code. The factor is found
 * from the reversed Hessian, whose inverse is never made.
 */
export async function gptq(
  weights: Float32Array,
  hessian: Float32Array,
  grid: Grid,
  products: Products,
  { damping = 0.01, activationOrder = true }: GptqOptions = {},
): Promise<Uint8Array> {
  const columns = Math.sqrt(hessian.length)
  const rows = weights.length / columns
  const order = columnOrder(hessian, columns, activationOrder)
  const u = await upperFactor(hessian, order, damping, products) // [K, K]
  const w = new Float32Array(weights.length) // columns in the order of rounding
  for (let n = 0; n < rows; n++) for (let j = 0; j < columns; j++) w[n * columns + j] = weights[n * columns + order[j]]
  const rounding: Rounding = {
    grid,
    rows,
    columns,
    order,
    w,
    errors: new Float32Array(weights.length),
    packed: packRows(grid.dtype, weights, columns),
    scales: newScales(grid, rows, columns),
    // Scales of groups that are reached in order may follow what was taken out of them.
    followsErrors: !activationOrder && grid.group(columns) <= BLOCK,
  }
  readScales(rounding, weights)
  await roundRange(rounding, u, products, 0, columns)
  return rounding.packed
}

interface Rounding {
  readonly grid: Grid
  readonly rows: number
  readonly columns: number
  readonly order: Uint32Array
  /** `[N, K]`, less the errors of the columns before. */
  readonly w: Float32Array
  /** `[N, K]`: errors, each in units of its diagonal element of the factor. */
  readonly errors: Float32Array
  readonly packed: Uint8Array
  readonly scales: Scales
  readonly followsErrors: boolean
}

function columnOrder(hessian: Float32Array, columns: number, byActivation: boolean): Uint32Array {
  const order = Uint32Array.from({ length: columns }, (_, j) => j)
  const mean = (j: number) => hessian[j * columns + j]
  return byActivation ? order.sort((a, b) => mean(b) - mean(a) || a - b) : order
}

/** U, upper triangular, with (H + damping)⁻¹ = Uᵀ·U, rows and columns in the order given. */
async function upperFactor(
  hessian: Float32Array,
  order: Uint32Array,
  damping: number,
  products: Products,
): Promise<Float32Array> {
  const size = order.length
  let trace = 0
  for (let j = 0; j < size; j++) trace += hessian[j * size + j]
  if (!Number.isFinite(trace)) {
    throw new AlippeError('ALIPPE_NOT_POSITIVE', `gptq: the inputs of a layer have a mean square of ${trace}`)
  }
  // Inputs that are all zeros tell nothing: everything rounds to the nearest.
  const added = trace === 0 ? 1 : (damping * trace) / size
  // H = R·Rᵀ with R upper triangular is a Cholesky factor from the other end, and U = R⁻¹.
  const reversed = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    const row = order[size - 1 - i] * size
    for (let j = 0; j < size; j++) reversed[i * size + j] = hessian[row + order[size - 1 - j]]
    reversed[i * size + i] += added
  }
  return (await inverseFactor(reversed, size, products)).reverse()
}

function readScales({ grid, rows, columns, packed, scales }: Rounding, values: Float32Array): void {
  const rowBytes = packedRowBytes(grid.dtype, columns)
  const groups = columns / grid.group(columns)
  for (let n = 0; n < rows; n++) {
    const row = packed.subarray(n * rowBytes, (n + 1) * rowBytes)
    grid.read(row, values.subarray(n * columns, (n + 1) * columns), scales, n * groups)
  }
}

async function roundRange(rounding: Rounding, u: Float32Array, products: Products, low: number, high: number) {
  if (high - low <= BLOCK) return roundBlock(rounding, u, low, high)
  const { rows, columns, w, errors } = rounding
  const middle = low + Math.ceil((high - low) / 2 / BLOCK) * BLOCK
  await roundRange(rounding, u, products, low, middle)
  const [k, n] = [middle - low, high - middle]
  const before = partOf(errors, columns, [0, low], [rows, k])
  const factor = partOf(u, columns, [low, middle], [k, n])
  const correction = await products.multiply(before, factor, { m: rows, k, n })
  const rest = partOf(w, columns, [0, middle], [rows, n])
  for (let i = 0; i < rest.length; i++) rest[i] -= correction[i]
  putPart(rest, n, w, columns, [0, middle])
  await roundRange(rounding, u, products, middle, high)
}

function roundBlock(rounding: Rounding, u: Float32Array, low: number, high: number): void {
  const { grid, rows, columns, order, w, errors, packed, scales, followsErrors } = rounding
  const width = high - low
  const factor = Float64Array.from(partOf(u, columns, [low, low], [width, width]))
  const group = grid.group(columns)
  const groups = columns / group
  const rowBytes = packedRowBytes(grid.dtype, columns)
  const row = new Float64Array(width)
  for (let n = 0; n < rows; n++) {
    row.set(w.subarray(n * columns + low, n * columns + high))
    const bytes = packed.subarray(n * rowBytes, (n + 1) * rowBytes)
    for (let j = 0; j < width; j++) {
      const column = order[low + j]
      const g = n * groups + Math.floor(column / group)
      if (followsErrors && column % group === 0) {
        chooseScale(grid, Float32Array.from(row.subarray(j, j + group)), bytes, column, scales, g)
      }
      let value = scales.offset[g]
      if (scales.inverse[g] !== 0) {
        const code = grid.code(row[j], scales, g)
        grid.put(bytes, column, code)
        value = scales.scale[g] * grid.levels[code] + value
      }
      const error = (row[j] - value) / factor[j * width + j]
      errors[n * columns + low + j] = error
      for (let k = j + 1; k < width; k++) row[k] -= error * factor[j * width + k]
    }
  }
}

/** Packs one group anew: its bytes replace those of the row. */
function chooseScale(
  grid: Grid,
  values: Float32Array,
  row: Uint8Array,
  column: number,
  scales: Scales,
  at: number,
): void {
  const bytes = packRows(grid.dtype, values, values.length)
  row.set(bytes, (column / values.length) * bytes.length)
  grid.read(bytes, values, scales, at)
}
