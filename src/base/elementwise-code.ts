import { ConfigError } from './errors.ts'

/**
 * The instructions of the `elementwise` kernel, in the order of their numbers (kernels/README.md).
 * `arity` says how many registers an instruction reads; `constant` reads none, its operand is the value itself.
 */
export const elementwiseOperations = [
  { name: 'constant', arity: 0 },
  { name: 'add', arity: 2 },
  { name: 'subtract', arity: 2 },
  { name: 'multiply', arity: 2 },
  { name: 'divide', arity: 2 },
  { name: 'maximum', arity: 2 },
  { name: 'minimum', arity: 2 },
  { name: 'power', arity: 2 },
  { name: 'less', arity: 2 },
  { name: 'equal', arity: 2 },
  { name: 'where', arity: 3 },
  { name: 'negate', arity: 1 },
  { name: 'absolute', arity: 1 },
  { name: 'reciprocal', arity: 1 },
  { name: 'square', arity: 1 },
  { name: 'sqrt', arity: 1 },
  { name: 'rsqrt', arity: 1 },
  { name: 'exp', arity: 1 },
  { name: 'log', arity: 1 },
  { name: 'tanh', arity: 1 },
  { name: 'sigmoid', arity: 1 },
  { name: 'relu', arity: 1 },
  { name: 'gelu', arity: 1 },
  { name: 'silu', arity: 1 },
  { name: 'sin', arity: 1 },
  { name: 'cos', arity: 1 },
  { name: 'floor', arity: 1 },
  { name: 'gelu-derivative', arity: 1 },
  { name: 'silu-derivative', arity: 1 },
] as const

export type ElementwiseName = (typeof elementwiseOperations)[number]['name']

/** How many numbers an instruction takes in `code`: `[operation, a, b, c]`. */
export const elementwiseStride = 4

/**
 * The number that stands for an operation in `code`.
 *
 * @throws ConfigError when there is no such operation
 * @example
 * opcode('add') // 1
 */
export function opcode(name: ElementwiseName): number {
  const number = elementwiseOperations.findIndex((operation) => operation.name === name)
  if (number < 0) {
    const names = elementwiseOperations.map((operation) => operation.name).join(', ')
    throw new ConfigError(`elementwise: no operation is called "${name}"; there are ${names}`)
  }
  return number
}
