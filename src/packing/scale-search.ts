import { nearestCode } from './nearest-code.ts'

const { fround } = Math
const GROUP = 16
/** Below this a group counts as zeros. */
const NOTHING = fround(1e-15)
const STEP = fround(0.1)

const squares = new Float32Array(GROUP)
const cubes = new Float32Array(GROUP)
const attempted = new Int8Array(GROUP)

/**
 * The scale s and the codes c of 16 values that make Σ x²·(x − s·(c − half))² small: of 19 ways of rounding, with the greatest
 * magnitude at about −half, the best; the scale is the least-squares one. Sums are in f32 and in ggml's order, for equal bytes.
 *
 * @param half codes are 0 … 2·half − 1 @param codes gets 16 of them, from `to` on
 * @returns the scale; 0, and codes 0, for a group of zeros
 * Source: ggml, `make_qx_quants`, weights x².
 */
export function searchScale(values: Float32Array, at: number, half: number, codes: Uint8Array, to: number): number {
  let greatest = 0
  let extreme = 0
  for (let i = 0; i < GROUP; i++) {
    const x = values[at + i]
    squares[i] = x * x
    cubes[i] = squares[i] * x
    const magnitude = Math.abs(x)
    if (magnitude > greatest) {
      greatest = magnitude
      extreme = x
    }
  }
  if (greatest < NOTHING) {
    codes.fill(0, to, to + GROUP)
    return 0
  }
  let scale = 0
  let best = 0
  for (let attempt = -1; attempt < 19; attempt++) {
    const step = attempt < 0 ? 0 : attempt - 9 // plain rounding first: it wins ties
    if (attempt === 9) continue
    const inverse = fround(-fround(half + fround(STEP * step)) / extreme)
    let isNew = attempt < 0
    for (let i = 0; i < GROUP; i++) {
      const code = rounded(inverse, values[at + i], half)
      if (code !== attempted[i]) isNew = true
      attempted[i] = code
    }
    if (!isNew) continue // the same codes have the same scale
    let sumXC = 0
    let sumCC = 0
    for (let i = 0; i < GROUP; i++) {
      const code = attempted[i]
      sumXC = fround(sumXC + fround(cubes[i] * code))
      sumCC = fround(sumCC + fround(fround(squares[i] * code) * code))
    }
    if (attempt < 0) scale = sumCC === 0 ? 0 : fround(sumXC / sumCC)
    else if (sumCC > 0 && fround(sumXC * sumXC) > fround(best * sumCC)) scale = fround(sumXC / sumCC)
    else continue
    best = fround(scale * sumXC)
    for (let i = 0; i < GROUP; i++) codes[to + i] = attempted[i] + half
  }
  return scale
}

function rounded(inverse: number, value: number, half: number): number {
  const code = nearestCode(fround(inverse * value))
  return code < -half ? -half : code < half ? code : half - 1
}
