import { adamw } from './adamw.ts'
import { f64View, type Kernel, read, write } from './view.ts'

/** Elements that share a scale. */
const BLOCK = 256
/** What is smaller in all of a block is taken for zero. */
const NOTHING = 2 ** -100

/** Numbers from 0 to below 2 in `mantissa` bits below four of exponent. */
export interface FloatCode {
  readonly mantissa: number
}

export const firstMoment: FloatCode = { mantissa: 3 }
export const secondMoment: FloatCode = { mantissa: 4 }

/** The number that a code without sign stands for. */
export function decodeFloat(code: number, { mantissa }: FloatCode): number {
  const steps = 2 ** mantissa
  const exponent = Math.floor(code / steps)
  const fraction = (code % steps) / steps
  return exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15)
}

/** The code nearest to a number from 0 to the greatest; of two as near the greater. */
export function encodeFloat(value: number, { mantissa }: FloatCode): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(value)))
  const code = Math.floor(value * 2 ** (mantissa - exponent) + 0.5) + (exponent + 14) * 2 ** mantissa
  return Math.min(16 * 2 ** mantissa - 1, code)
}

/** The scale of a block, such that the greatest number gets the greatest code. */
export function scaleOf(block: Float64Array, code: FloatCode): number {
  const greatest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return greatest < NOTHING ? 0 : greatest / decodeFloat(16 * 2 ** code.mantissa - 1, code)
}

const signBit = 128

export function encodeFirst(value: number): number {
  const code = encodeFloat(Math.abs(value), firstMoment)
  return value < 0 && code > 0 ? code + signBit : code
}

export function decodeFirst(code: number): number {
  const size = decodeFloat(code % signBit, firstMoment)
  return code < signBit ? size : -size
}

export function encodeSecond(root: number): number {
  return root === 0 ? 0 : Math.max(1, encodeFloat(root, secondMoment))
}

export function decodeSecond(code: number): number {
  return decodeFloat(code, secondMoment)
}

/**
 * weight, m, mScale, v, vScale, gradient, control as for `adamw` → weight, m, mScale, v, vScale. m and √v are codes times the
 * scales of their blocks. Source: Dettmers et al. 2022, §2.1, with floating-point codes and the root of v.
 */
export const adamw8bit: Kernel = (inputs, outputs, attributes) => {
  const [weight, m, mScale, v, vScale, gradient, control] = inputs
  const [newWeight, newM, newMScale, newV, newVScale] = outputs
  const [mScales, vScales] = [read(mScale), read(vScale)]
  const first = read(m).map((code, i) => decodeFirst(code) * mScales[Math.floor(i / BLOCK)])
  const second = read(v).map((code, i) => (decodeSecond(code) * vScales[Math.floor(i / BLOCK)]) ** 2)
  const moments = [f64View(m.shape, first), f64View(v.shape, second)]
  adamw([weight, ...moments, gradient, control], [newWeight, ...moments], attributes)

  const roots = read(moments[1]).map(Math.sqrt)
  store(read(moments[0]), newM, newMScale, firstMoment, encodeFirst)
  store(roots, newV, newVScale, secondMoment, encodeSecond)
}

function store(
  values: Float64Array,
  codes: Parameters<Kernel>[1][number],
  scales: Parameters<Kernel>[1][number],
  code: FloatCode,
  encode: (value: number) => number,
): void {
  const newScales = new Float64Array(Math.ceil(values.length / BLOCK))
  const newCodes = new Float64Array(values.length)
  for (let block = 0; block < newScales.length; block++) {
    const scale = scaleOf(values.subarray(block * BLOCK, (block + 1) * BLOCK), code)
    newScales[block] = scale
    if (scale === 0) continue
    for (let i = block * BLOCK; i < Math.min(values.length, (block + 1) * BLOCK); i++)
      newCodes[i] = encode(values[i] / scale)
  }
  write(codes, newCodes)
  write(scales, newScales)
}
