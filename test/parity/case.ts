import type { Attribute } from '../../src/backend/index.ts'
import type { View } from '../../src/backend/reference/index.ts'
import type { DType, Random, Shape } from '../../src/base/index.ts'

/** One call of a kernel, and how far a backend's result may be from the reference's. */
export interface ParityCase {
  readonly name: string
  readonly kernel: string
  readonly inputs: readonly (Operand | null)[]
  readonly outputs: readonly (Result | null)[]
  readonly attributes: readonly Attribute[]
  /** Pairs [output, input] that share memory. */
  readonly aliases?: readonly (readonly [output: number, input: number])[]
  readonly bound: Bound
  /** So badly conditioned that f32 keeps no digit of the result: only special values and untouched memory are checked. */
  readonly hopeless?: boolean
}

export interface Result {
  readonly shape: Shape
  readonly dtype: DType
}

export interface Operand extends Result {
  readonly fill: Fill
}

/** The numbers of an input. `earlier` are the inputs before it, as stored. */
export type Fill = (rng: Random, size: number, earlier: readonly View[]) => ArrayLike<number>

/**
 * A call as the reference made it: inputs as stored (so exact), outputs in f64, not rounded.
 * Absent buffers are `absent`.
 */
export interface ExactCall {
  readonly inputs: readonly View[]
  readonly outputs: readonly View[]
  readonly attributes: readonly Attribute[]
}

/**
 * Per output: the largest absolute error that f32 arithmetic may leave in each element before it is stored; derived from
 * the data. `exact` asks for the very number, `ignore` is for scratch space.
 */
export type Bound = (call: ExactCall) => readonly (ArrayLike<number> | 'exact' | 'ignore')[]

/** Every output must be the reference's, to the last bit (±0 are the same). */
export const exact: Bound = ({ outputs }) => outputs.map(() => 'exact')

/** An f32 input. */
export function f32(shape: Shape, fill: Fill = normal()): Operand {
  return { shape, dtype: 'f32', fill }
}

export function bf16(shape: Shape, fill: Fill = normal()): Operand {
  return { shape, dtype: 'bf16', fill }
}

export function f16(shape: Shape, fill: Fill = normal()): Operand {
  return { shape, dtype: 'f16', fill }
}

export function i32(shape: Shape, fill: Fill): Operand {
  return { shape, dtype: 'i32', fill }
}

export function result(shape: Shape, dtype: DType = 'f32'): Result {
  return { shape, dtype }
}

export function normal(deviation = 1, mean = 0): Fill {
  return (rng, size) =>
    Float64Array.from({ length: size }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - rng.next()))
      return mean + deviation * radius * Math.cos(2 * Math.PI * rng.next())
    })
}

export function uniform(low: number, high: number): Fill {
  return (rng, size) => Float64Array.from({ length: size }, () => low + (high - low) * rng.next())
}

/** Integers in [low, high). */
export function integers(low: number, high: number): Fill {
  return (rng, size) => Float64Array.from({ length: size }, () => low + rng.integer(high - low))
}

/** The list, again and again. */
export function values(...list: number[]): Fill {
  return (_, size) => Float64Array.from({ length: size }, (_, i) => list[i % list.length])
}

/** What a function makes of the inputs before. */
export function derived(compute: (earlier: readonly View[]) => ArrayLike<number>): Fill {
  return (_rng, _size, earlier) => compute(earlier)
}

/** Normal numbers, with some places taken by the listed ones. */
export function salted(...grains: number[]): Fill {
  return (rng, size, earlier) => {
    const result = Float64Array.from(normal()(rng, size, earlier))
    for (let i = 1; i < size; i += 3) result[i] = grains[((i - 1) / 3) % grains.length]
    return result
  }
}

/** `period` numbers between −1 and 1, and one that is special among them. */
export function oneIn(period: number, special: number): number[] {
  return Array.from({ length: period }, (_, i) => (i === period >> 1 ? special : Math.sin(i * i)))
}
