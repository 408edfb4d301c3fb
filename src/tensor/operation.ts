import type { Signature } from './signature.ts'
import { type Attributes, type Operation, type Tensor, write } from './tensor.ts'

export interface OperationRule
  extends Partial<Pick<Operation, 'gradient' | 'flops' | 'inPlace' | 'opcode' | 'scratch' | 'view' | 'attributes'>> {
  readonly name: string
  /** Either a parsed signature, or a function for shapes that a signature cannot express. */
  readonly shapes: Signature | Operation['infer']
}

/** The opcode of operations that copy each element: a broadcast, a change of dtype. They have no instruction of their own. */
export const IDENTITY = -1

/** Declares an operation. Without `flops` it costs one operation per element of its first output. */
export function operation(rule: OperationRule): Operation {
  const { shapes } = rule
  return {
    name: rule.name,
    infer: typeof shapes === 'function' ? shapes : (inputs) => shapes.infer(rule.name, inputs),
    attributes: rule.attributes ?? [],
    gradient: rule.gradient,
    flops: rule.flops ?? ((_inputs, outputs) => outputs[0].shape.reduce((size, axis) => size * axis, 1)),
    inPlace: rule.inPlace ?? [],
    opcode: rule.opcode,
    scratch: rule.scratch,
    view: rule.view,
  }
}

/** Applies an operation: checks shapes, writes the node, returns its outputs. */
export function apply(operation: Operation, inputs: readonly (Tensor | null)[], attributes: Attributes = {}): Tensor[] {
  return write(operation, inputs, attributes, operation.infer(inputs, attributes))
}
