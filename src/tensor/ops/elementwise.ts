import {
  broadcastShapes,
  type DType,
  type ElementwiseName,
  opcode,
  type Shape,
  ShapeError,
  sameShape,
  shapeText,
} from '../../base/index.ts'
import { apply, IDENTITY, operation } from '../operation.ts'
import type { Operation, Spec, Tensor, Written } from '../tensor.ts'

/** A tensor, or a plain number that stands for the same value everywhere. */
export type Operand = Tensor | number

/** The derivative of each input's element, times the gradient `dy` of the output; `undefined` where it is zero. */
type Derivative = (dy: Tensor, inputs: readonly Tensor[], y: Tensor) => readonly (Tensor | undefined)[]

function elementwise(name: ElementwiseName, derivative: Derivative): Operation {
  return operation({
    name,
    opcode: opcode(name),
    shapes: (inputs) => [{ shape: broadcastAll(name, inputs), dtype: 'f32' }],
    // An operand that was broadcast gets a gradient of the outputs' shape; `gradients` sums it.
    gradient: ({ inputs, outputs }: Written, [dy]) => derivative(dy!, inputs as Tensor[], outputs[0]),
  })
}

function broadcastAll(name: string, inputs: readonly (Spec | null)[]): Shape {
  let shape: Shape = []
  for (const spec of inputs) {
    const next = broadcastShapes(shape, spec!.shape)
    if (next === undefined) {
      throw new ShapeError(
        name,
        `${inputs.map((x) => shapeText(x!.shape)).join(' and ')} do not broadcast: sizes must be equal or 1, aligned at the last axis`,
      )
    }
    shape = next
  }
  return shape
}

const scalarOperation = operation({
  name: 'constant',
  opcode: opcode('constant'),
  attributes: ['value'],
  shapes: () => [{ shape: [], dtype: 'f32' }],
  flops: () => 0,
})

/** The same number wherever it is broadcast to; it costs no memory. @example scalar(5) // 5 */
export function scalar(value: number): Tensor {
  return apply(scalarOperation, [], { value })[0]
}

function lift(x: Operand): Tensor {
  return typeof x === 'number' ? scalar(x) : x
}

const cast = (to: DType) =>
  operation({
    name: 'cast',
    opcode: IDENTITY,
    shapes: ([x]) => [{ shape: x!.shape, dtype: to }],
    flops: () => 0,
    gradient: (_, [dy]) => [dy],
  })
const casts = { f32: cast('f32'), bf16: cast('bf16'), i32: cast('i32'), u8: cast('u8') } as const

/**
 * The same values in another dtype; bf16 rounds to nearest even, i32 and u8 truncate towards zero.
 *
 * @example
 * convert(constant([-1.5, 1.5], [2]), 'i32') // [-1, 1]
 */
export function convert(x: Tensor, dtype: keyof typeof casts): Tensor {
  return x.dtype === dtype ? x : apply(casts[dtype], [x])[0]
}

const operations = {
  add: elementwise('add', (dy) => [dy, dy]),
  subtract: elementwise('subtract', (dy) => [dy, negate(dy)]),
  multiply: elementwise('multiply', (dy, [a, b]) => [multiply(dy, b), multiply(dy, a)]),
  divide: elementwise('divide', (dy, [, b], y) => [divide(dy, b), negate(divide(multiply(dy, y), b))]),
  maximum: elementwise('maximum', (dy, [a, b]) => [where(less(a, b), 0, dy), where(less(a, b), dy, 0)]),
  minimum: elementwise('minimum', (dy, [a, b]) => [where(less(b, a), 0, dy), where(less(b, a), dy, 0)]),
  power: elementwise('power', (dy, [a, b], y) => [
    multiply(dy, multiply(b, power(a, subtract(b, 1)))),
    multiply(dy, multiply(y, log(a))),
  ]),
  less: elementwise('less', () => [undefined, undefined]),
  equal: elementwise('equal', () => [undefined, undefined]),
  where: elementwise('where', (dy, [condition]) => [undefined, where(condition, dy, 0), where(condition, 0, dy)]),
  negate: elementwise('negate', (dy) => [negate(dy)]),
  absolute: elementwise('absolute', (dy, [x]) => [where(less(x, 0), negate(dy), where(less(0, x), dy, 0))]),
  reciprocal: elementwise('reciprocal', (dy, _, y) => [negate(multiply(dy, square(y)))]),
  square: elementwise('square', (dy, [x]) => [multiply(dy, multiply(x, 2))]),
  sqrt: elementwise('sqrt', (dy, _, y) => [divide(multiply(dy, 0.5), y)]),
  rsqrt: elementwise('rsqrt', (dy, _, y) => [multiply(multiply(dy, -0.5), multiply(y, square(y)))]),
  exp: elementwise('exp', (dy, _, y) => [multiply(dy, y)]),
  log: elementwise('log', (dy, [x]) => [divide(dy, x)]),
  tanh: elementwise('tanh', (dy, _, y) => [multiply(dy, subtract(1, square(y)))]),
  sigmoid: elementwise('sigmoid', (dy, _, y) => [multiply(dy, multiply(y, subtract(1, y)))]),
  relu: elementwise('relu', (dy, [x]) => [where(less(0, x), dy, 0)]),
  gelu: elementwise('gelu', (dy, [x]) => [multiply(dy, apply(geluDerivative, [x])[0])]),
  silu: elementwise('silu', (dy, [x]) => [multiply(dy, apply(siluDerivative, [x])[0])]),
  sin: elementwise('sin', (dy, [x]) => [multiply(dy, cos(x))]),
  cos: elementwise('cos', (dy, [x]) => [negate(multiply(dy, sin(x)))]),
  floor: elementwise('floor', () => [undefined]),
}

const unarySecond = (name: ElementwiseName) =>
  operation({ name, opcode: opcode(name), shapes: ([x]) => [{ shape: x!.shape, dtype: 'f32' }] })
const geluDerivative = unarySecond('gelu-derivative')
const siluDerivative = unarySecond('silu-derivative')

const binary = (of: Operation) => (a: Operand, b: Operand) => apply(of, [lift(a), lift(b)])[0]
const unary = (of: Operation) => (x: Operand) => apply(of, [lift(x)])[0]

// Operands broadcast as in NumPy; results are f32. Each costs one operation an element and is fused with its neighbours.

/** a + b. @example add(1, 2) // 3 */
export const add = binary(operations.add)
/** a − b. @example subtract(5, 2) // 3 */
export const subtract = binary(operations.subtract)
/** a · b, element by element. @example multiply(2, 3) // 6 */
export const multiply = binary(operations.multiply)
/** a / b. @example divide(1, 4) // 0.25 */
export const divide = binary(operations.divide)
/** The greater of a and b; where they are equal the gradient goes to a. @example maximum(2, 3) // 3 */
export const maximum = binary(operations.maximum)
/** The smaller of a and b; where they are equal the gradient goes to a. @example minimum(2, 3) // 2 */
export const minimum = binary(operations.minimum)
/** aᵇ; the gradient for b needs a > 0. @example power(2, 3) // 8 */
export const power = binary(operations.power)
/** 1 where a < b, else 0; no gradient. @example less(2, 3) // 1 */
export const less = binary(operations.less)
/** 1 where a = b, else 0; no gradient. @example equal(2, 3) // 0 */
export const equal = binary(operations.equal)
/** −x. @example negate(2) // -2 */
export const negate = unary(operations.negate)
/** |x|; the gradient at 0 is 0. @example absolute(-2) // 2 */
export const absolute = unary(operations.absolute)
/** 1 / x. @example reciprocal(4) // 0.25 */
export const reciprocal = unary(operations.reciprocal)
/** x². @example square(3) // 9 */
export const square = unary(operations.square)
/** √x. @example sqrt(9) // 3 */
export const sqrt = unary(operations.sqrt)
/** 1 / √x. @example rsqrt(4) // 0.5 */
export const rsqrt = unary(operations.rsqrt)
/** eˣ. @example exp(0) // 1 */
export const exp = unary(operations.exp)
/** Natural logarithm. @example log(1) // 0 */
export const log = unary(operations.log)
/** Hyperbolic tangent. @example tanh(100) // 1 */
export const tanh = unary(operations.tanh)
/** 1 / (1 + e⁻ˣ). @example sigmoid(0) // 0.5 */
export const sigmoid = unary(operations.sigmoid)
/** max(x, 0); the gradient at 0 is 0. @example relu(-2) // 0 */
export const relu = unary(operations.relu)
/** The tanh form of the Gaussian error linear unit. Source: Hendrycks & Gimpel 2016, §2. @example gelu(100) // 100 */
export const gelu = unary(operations.gelu)
/**
 * x · sigmoid(x), also called swish. Source: Ramachandran et al. 2017; in GLUs Shazeer 2020.
 *
 * @example
 * silu(100) // 100
 */
export const silu = unary(operations.silu)
/** Sine of an angle in radians. @example sin(0) // 0 */
export const sin = unary(operations.sin)
/** Cosine of an angle in radians. @example cos(0) // 1 */
export const cos = unary(operations.cos)
/** The greatest whole number not above x; no gradient. @example floor(-1.5) // -2 */
export const floor = unary(operations.floor)

/** `a` where the condition is not 0, else `b`. @example where(1, 2, 3) // 2 */
export function where(condition: Operand, a: Operand, b: Operand): Tensor {
  return apply(operations.where, [lift(condition), lift(a), lift(b)])[0]
}

const broadcastOperation = operation({
  name: 'broadcast',
  opcode: IDENTITY,
  shapes: ([x], { shape }) => [{ shape: shape as Shape, dtype: x!.dtype }],
  flops: () => 0,
  gradient: (_, [dy]) => [dy],
})

/**
 * x repeated along axes of size 1 (and new leading axes) until it has `shape`. Free when the next step is element by element.
 *
 * @example
 * broadcastTo(constant([1, 2], [2]), [2, 2]) // [[1, 2], [1, 2]]
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const joined = broadcastShapes(x.shape, shape)
  if (joined === undefined || !sameShape(joined, shape)) {
    throw new ShapeError('broadcastTo', `${shapeText(x.shape)} does not broadcast to ${shapeText(shape)}`)
  }
  return apply(broadcastOperation, [x], { shape })[0]
}

/** A tensor of one number. @example full([2], 5) // [5, 5] */
export function full(shape: Shape, value: number): Tensor {
  return broadcastTo(scalar(value), shape)
}

/** A tensor of zeros. @example zeros([2]) // [0, 0] */
export function zeros(shape: Shape): Tensor {
  return full(shape, 0)
}

/** A tensor of ones. @example ones([2]) // [1, 1] */
export function ones(shape: Shape): Tensor {
  return full(shape, 1)
}
