import { nearestCode } from './nearest-code.ts'

const { fround } = Math
const STEP = fround(0.1)

/** How {@link searchScaleAndMin} goes about it. */
export interface ScaleAndMinSearch {
  /** Values of a group. */
  readonly count: number
  /** Codes are 0 … greatest. */
  readonly greatest: number
  /** Attempt i rounds as if the range were `greatest + first + i/10` wide. */
  readonly first: number
  /** The last attempt. */
  readonly last: number
  /** Whether errors count by magnitude, else by square. */
  readonly absolute: boolean
}

const attempted = new Uint8Array(32)

/**
 * The scale s, the min m ≥ 0 and the codes c of a group that make Σ w·|x − (s·c − m)|ᵖ small: of several ways of rounding, each
 * with its least-squares s and m, the best. Sums are in f32 and in ggml's order, for equal bytes.
 *
 * @param weights of the values of the group, from 0 on
 * @param codes gets `count` of them, from `to` on
 * @param mins gets m at place `group`
 * @returns s
 * Source: ggml, `make_qkx2_quants`.
 */
export function searchScaleAndMin(
  search: ScaleAndMinSearch,
  values: Float32Array,
  at: number,
  weights: Float32Array,
  codes: Uint8Array,
  to: number,
  mins: Float32Array,
  group: number,
): number {
  const { count, greatest, first, last, absolute } = search
  let min = values[at]
  let max = values[at]
  let sumW = weights[0]
  let sumX = fround(sumW * values[at])
  for (let i = 1; i < count; i++) {
    const x = values[at + i]
    if (x < min) min = x
    if (x > max) max = x
    sumW = fround(sumW + weights[i])
    sumX = fround(sumX + fround(weights[i] * x))
  }
  if (min > 0) min = 0
  if (max === min) {
    codes.fill(0, to, to + count)
    mins[group] = -min
    return 0
  }
  let inverse = fround(greatest / fround(max - min))
  let scale = fround(1 / inverse)
  let leastError = 0
  for (let i = 0; i < count; i++) {
    const x = values[at + i]
    const code = rounded(fround(inverse * fround(x - min)), greatest)
    codes[to + i] = code
    const off = fround(fround(fround(scale * code) + min) - x)
    leastError = fround(leastError + fround(weights[i] * (absolute ? Math.abs(off) : fround(off * off))))
  }
  for (let attempt = 0; attempt <= last; attempt++) {
    // The min is the best one so far, so that an attempt depends on those before.
    inverse = fround(fround(fround(first + fround(STEP * attempt)) + greatest) / fround(max - min))
    let isNew = attempt === 0
    for (let i = 0; i < count; i++) {
      const code = rounded(fround(inverse * fround(values[at + i] - min)), greatest)
      if (code !== attempted[i]) isNew = true
      attempted[i] = code
    }
    if (!isNew) continue // the same codes have the same error, which is no less
    let sumC = 0
    let sumCC = 0
    let sumXC = 0
    for (let i = 0; i < count; i++) {
      const code = attempted[i]
      const weighted = fround(weights[i] * code)
      sumC = fround(sumC + weighted)
      sumCC = fround(sumCC + fround(weighted * code))
      sumXC = fround(sumXC + fround(weighted * values[at + i]))
    }
    const determinant = fround(fround(sumW * sumCC) - fround(sumC * sumC))
    if (!(determinant > 0)) continue
    let thisScale = fround(fround(fround(sumW * sumXC) - fround(sumX * sumC)) / determinant)
    let thisMin = fround(fround(fround(sumCC * sumX) - fround(sumC * sumXC)) / determinant)
    if (thisMin > 0) {
      thisMin = 0
      thisScale = fround(sumXC / sumCC)
    }
    let error = 0
    // Errors only grow, so that what has reached the least one is out.
    for (let i = 0; i < count && error < leastError; i++) {
      const off = fround(fround(fround(thisScale * attempted[i]) + thisMin) - values[at + i])
      error = fround(error + fround(weights[i] * (absolute ? Math.abs(off) : fround(off * off))))
    }
    if (error < leastError) {
      for (let i = 0; i < count; i++) codes[to + i] = attempted[i]
      leastError = error
      scale = thisScale
      min = thisMin
    }
  }
  mins[group] = -min
  return scale
}

function rounded(value: number, greatest: number): number {
  const code = nearestCode(value)
  return code < 0 ? 0 : code > greatest ? greatest : code
}
