import { type DType, type Shape, shapeText } from '../base/index.ts'
import type { Operation } from './operation.ts'

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
  /** Where the value comes from when no operation computes it. */
  readonly source?: Source
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
  const node: Node = { id: nextId++, operation, inputs, attributes, outputs, source }
  return outputs.map((_, index) => new Tensor(node, index))
}
