import type { Signature } from './signature.ts'
import { type Attributes, type Node, type Spec, type Tensor, write } from './tensor.ts'

/**
 * What the engine knows of an operation: its shape rule, its gradient rule and its cost. The kernel of the same name does
 * the work (kernels/README.md).
 */
export interface Operation {
  readonly name: string
  /** Specs of the outputs. Throws a ShapeError that names the operation, what was expected and what was got. */
  readonly infer: (inputs: readonly (Spec | null)[], attributes: Attributes) => Spec[]
  /** The names of the attributes, in the order in which kernels receive them. */
  readonly attributes: readonly string[]
  /**
   * Gradients with respect to the inputs, written in terms of other operations; `undefined` for an input that has none.
   * `dOutputs[i]` is undefined when nothing depends on output i.
   */
  readonly gradient?: (node: Written, dOutputs: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[]
  /** Floating-point operations of one call (a multiply-add is two). */
  readonly flops: (inputs: readonly (Spec | null)[], outputs: readonly Spec[], attributes: Attributes) => number
  /** `[output, input]`: pairs that may share memory when the input is not needed afterwards. */
  readonly inPlace: readonly (readonly [number, number])[]
  /** Set on operations that compute each element from elements at the same place; the number of its instruction. */
  readonly opcode?: number
  /** The result is a view: the same bytes with another shape. No kernel runs. */
  readonly view?: boolean
}

/** A node together with its outputs as tensors: what a gradient rule reads. */
export interface Written {
  readonly node: Node
  readonly inputs: readonly (Tensor | null)[]
  readonly outputs: readonly Tensor[]
  readonly attributes: Attributes
}

export interface OperationRule
  extends Partial<Pick<Operation, 'gradient' | 'flops' | 'inPlace' | 'opcode' | 'view' | 'attributes'>> {
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
    view: rule.view,
  }
}

/** Applies an operation: checks shapes, writes the node, returns its outputs. */
export function apply(operation: Operation, inputs: readonly (Tensor | null)[], attributes: Attributes = {}): Tensor[] {
  return write(operation, inputs, attributes, operation.infer(inputs, attributes))
}
