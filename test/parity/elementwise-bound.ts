import { elementwiseFunctions, read, type View } from '../../src/backend/reference/index.ts'
import {
  type ElementwiseName,
  elementwiseOperations,
  elementwiseStride,
  type Shape,
  sizeOf,
} from '../../src/base/index.ts'
import { elementary, tiny, u } from './bound.ts'
import type { Bound } from './case.ts'

/** The error that one instruction adds of its own, for result y of operands a and b. */
function ownError(name: ElementwiseName, y: number, a: number, b: number): number {
  const size = Math.abs(y)
  switch (name) {
    case 'maximum':
    case 'minimum':
    case 'less':
    case 'equal':
    case 'where':
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'floor':
      return 0
    case 'constant': // travels as f64
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'square':
    case 'sqrt':
      return u * size
    case 'reciprocal':
    case 'rsqrt': // an approximation and a Newton step
      return 4 * u * size
    case 'power': // exp(b·ln a): the product is rounded before exp
      return (elementary + 4 * u * Math.abs(b * Math.log(Math.abs(a) || 1))) * size
    case 'exp':
    case 'log':
    case 'tanh':
    case 'sigmoid':
      return elementary * size
    case 'gelu': // 1 + tanh cancels on the left
    case 'silu':
      return elementary * Math.max(size, Math.min(Math.abs(a), 10) / 2) * (name === 'silu' ? size / (size + tiny) : 1)
    case 'sin':
    case 'cos': // half a unit of the argument, lost in its reduction
      return elementary + u * Math.abs(a)
    case 'gelu-derivative':
    case 'silu-derivative': // sums of products of numbers below 2
      return 4 * elementary
  }
}

/**
 * A running error bound: every register carries the error it may have; an instruction passes on the most that its
 * result can move when its operands move by theirs, and adds its own.
 */
export const elementwiseBound: Bound = ({ inputs, outputs, attributes }) => {
  const [code, results] = attributes as [readonly number[], readonly number[]]
  const shape = outputs[0].shape
  const registers = inputs.map((input) => {
    const value = broadcast(input, shape)
    return { value, error: input.dtype === 'i32' ? value.map((x) => u * Math.abs(x)) : new Float64Array(value.length) }
  })
  for (let at = 0; at < code.length; at += elementwiseStride) {
    const { name, arity } = elementwiseOperations[code[at]]
    const compute = elementwiseFunctions[name]
    const operands = [0, 1, 2].map((place) => (place < arity ? registers[code[at + 1 + place]] : undefined))
    const value = new Float64Array(sizeOf(shape))
    const error = new Float64Array(sizeOf(shape))
    for (let i = 0; i < value.length; i++) {
      const [a, b, c] = operands.map((register) => register?.value[i] ?? 0)
      const [da, db, dc] = operands.map((register) => register?.error[i] ?? 0)
      const y = arity === 0 ? code[at + 1] : compute(a, b, c)
      let spread = 0
      if (da > 0 || db > 0 || dc > 0) {
        for (const [x, z, w] of corners) {
          const moved = Math.abs(compute(a + x * da, b + z * db, c + w * dc) - y)
          if (moved > spread) spread = moved // not when it is NaN: outside the domain
        }
        if (name === 'equal' && Math.abs(a - b) <= da + db) spread = 1
      }
      value[i] = y
      error[i] =
        spread +
        ownError(name, y, a, b) +
        tiny * Math.min(128, Math.max(1, Math.abs(a), Math.abs(b))) * (isExact(name) ? 0 : 1)
    }
    registers.push({ value, error })
  }
  return outputs.map((_, j) => registers[results[j]].error)
}

const corners = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [x, y, z] as const)))

function isExact(name: ElementwiseName): boolean {
  return ownError(name, 1, 1, 1) === 0
}

/** The view's numbers repeated to `shape`, one axis after another. */
function broadcast(view: View, shape: Shape): Float64Array {
  const source = read(view)
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    let rest = i
    let index = 0
    let stride = 1
    for (let axis = 1; axis <= shape.length; axis++) {
      const coordinate = rest % shape[shape.length - axis]
      rest = Math.floor(rest / shape[shape.length - axis])
      const size = view.shape[view.shape.length - axis] ?? 1
      if (size !== 1) index += coordinate * stride
      stride *= size
    }
    return source[index]
  })
}
