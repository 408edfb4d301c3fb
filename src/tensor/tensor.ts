import { type DType, type Shape, shapeText } from '../base/index.ts'
import { type Origin, origin } from './origin.ts'

/** What is known of a value before it is computed. */
export interface Spec {
  readonly shape: Shape
  readonly dtype: DType
}

/** Numbers of one node, by the names that its operation declares. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>

/**
 * One step of a computation that has been written down and not yet done. Nodes are never changed; `id` grows in the order
 * of writing, so that order is always a valid order of computing.
 */
export interface Node {
  readonly id: number
  readonly operation: Operation
  readonly inputs: readonly (Tensor | null)[]
  readonly attributes: Attributes
  readonly outputs: readonly Spec[]
  readonly origin: Origin
  /** Where the value comes from when no operation computes it. */
  readonly source?: Source
}

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
  /** The output that is only space to work in, `[rows, columns]`: the kernel makes do with fewer rows. */
  readonly scratch?: number
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

/** A value that a program receives rather than computes. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'state'; readonly name: string }
  | { readonly kind: 'constant'; readonly values: ArrayLike<number> }

/** A lazy value: the output `index` of a node. Operations on it add nodes; nothing is computed before a program runs. */
export class Tensor {
  readonly node: Node
  readonly index: number
  readonly shape: Shape
  readonly dtype: DType

  constructor(node: Node, index: number) {
    this.node = node
    this.index = index
    this.shape = node.outputs[index].shape
    this.dtype = node.outputs[index].dtype
  }

  /** How many axes there are. */
  get rank(): number {
    return this.shape.length
  }

  toString(): string {
    return `${this.node.operation.name}#${this.node.id} ${this.dtype} ${shapeText(this.shape)}`
  }
}

let nextId = 0

/** Writes one step down and returns its outputs. Called by operations; models call the operations. */
export function write(
  operation: Operation,
  inputs: readonly (Tensor | null)[],
  attributes: Attributes,
  outputs: readonly Spec[],
  source?: Source,
): Tensor[] {
  const node: Node = { id: nextId++, operation, inputs, attributes, outputs, origin: origin(), source }
  return outputs.map((_, index) => new Tensor(node, index))
}
