import { type ElementwiseName, elementwiseOperations, elementwiseStride } from '../../base/index.ts'
import { gelu, geluDerivative, relu, sigmoid, silu, siluDerivative } from './activation.ts'
import { broadcastIndices, type Kernel, read, write } from './view.ts'

/** What each instruction computes from the registers it reads; `constant` gets its operand as the number. */
export const elementwiseFunctions: Record<ElementwiseName, (a: number, b: number, c: number) => number> = {
  constant: (a) => a,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  power: (a, b) => a ** b,
  less: (a, b) => (a < b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  where: (a, b, c) => (a !== 0 ? b : c),
  negate: (a) => -a,
  absolute: Math.abs,
  reciprocal: (a) => 1 / a,
  square: (a) => a * a,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid,
  relu,
  gelu,
  silu,
  sin: Math.sin,
  cos: Math.cos,
  floor: Math.floor,
  'gelu-derivative': geluDerivative,
  'silu-derivative': siluDerivative,
}

/** Inputs broadcast to the outputs' shape; registers: the inputs, then one value an instruction. */
export const elementwise: Kernel = (inputs, outputs, attributes) => {
  const [code, results] = attributes as [readonly number[], readonly number[]]
  const { shape } = outputs[0]
  const registers = inputs.map((input) => {
    const values = input.dtype === 'i32' ? read(input).map(Math.fround) : read(input) // i32 is read as f32
    return Float64Array.from(broadcastIndices(input.shape, shape), (index) => values[index])
  })
  const size = outputs[0].elements.length
  for (let at = 0; at < code.length; at += elementwiseStride) {
    const [operation, a, b, c] = code.slice(at, at + elementwiseStride)
    const { name, arity } = elementwiseOperations[operation]
    const compute = elementwiseFunctions[name]
    const value = new Float64Array(size)
    if (arity === 0) value.fill(compute(a, 0, 0))
    else {
      const [x, y, z] = [a, b, c].map((register, place) => registers[place < arity ? register : a])
      for (let i = 0; i < size; i++) value[i] = compute(x[i], y[i], z[i])
    }
    registers.push(value)
  }
  outputs.forEach((output, j) => {
    write(output, registers[results[j]])
  })
}
