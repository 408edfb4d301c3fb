import { adamw } from './adamw.ts'
import { f64View, type Kernel, read, write } from './view.ts'

/** Elements that share a scale. */
const BLOCK = 256
/** What is smaller in all of a block is taken for zero. */
const NOTHING = 2 ** -100

/** Stands for zero, and is taken off every number: so the codes of small numbers lie evenly, without a case of their own. */
const ZERO = 2 ** -15

/** A code of four bits of exponent and `mantissa` bits below them. */
export interface FloatCode {
  readonly mantissa: number
}

export const firstMoment: FloatCode = { mantissa: 3 }
export const secondMoment: FloatCode = { mantissa: 4 }

/** The number that a code without sign stands for: from 0 to below 2. */
export function decodeFloat(code: number, { mantissa }: FloatCode): number {
  const steps = 2 ** mantissa
  return (1 + (code % steps) / steps) * ZERO * 2 ** Math.floor(code / steps) - ZERO
}

/** The code nearest to a number from 0 to the greatest; of two as near the greater. */
export function encodeFloat(value: number, { mantissa }: FloatCode): number {
  const raised = (value + ZERO) / ZERO
  const exponent = Math.floor(Math.log2(raised))
  return Math.floor(raised * 2 ** (mantissa - exponent) + 0.5) + (exponent - 1) * 2 ** mantissa
}

/** The scale of a block, such that the greatest number gets the greatest code. */
export function scaleOf(block: Float64Array, code: FloatCode): number {
  const greatest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return greatest < NOTHING ? 0 : greatest / decodeFloat(2 ** (4 + code.mantissa) - 1, code)
}

const signBit = 128

export function encodeFirst(value: number): number {
  const negative = value < 0 || Object.is(value, -0)
  return encodeFloat(Math.abs(value), firstMoment) + (negative ? signBit : 0)
}

export function decodeFirst(code: number): number {
  const size = decodeFloat(code % signBit, firstMoment)
  return code < signBit ? size : -size
}

/** Never code 0: a step must not divide by a moment that rounding has lost. */
export function encodeSecond(root: number): number {
  return Math.max(1, encodeFloat(root, secondMoment))
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
    for (let i = block * BLOCK; i < Math.min(values.length, (block + 1) * BLOCK); i++)
      newCodes[i] = encode(scale === 0 ? 0 * values[i] : values[i] / scale)
  }
  write(codes, newCodes)
  write(scales, newScales)
}
