import type { Node, Tensor } from '../tensor/index.ts'

/** A product with a weight, as it stands in a graph. */
export interface WeightProduct {
  /** The weight. */
  readonly name: string
  /** N: outputs. */
  readonly rows: number
  /** K: inputs, over which the product sums. */
  readonly columns: number
  /** Whether the weight is `[K, N]`, as in GPT-2's Conv1D, and not `[N, K]`. */
  readonly transposed: boolean
  /** What it is multiplied with, `[…, K]`, without the views of it. */
  readonly x: Tensor
}

/** A graph between some inputs and some results: its nodes, and who reads what. */
export interface Graph {
  readonly nodes: readonly Node[]
  /** Nodes that read a value or a view of it, views left out. */
  readersOf(x: Tensor): readonly Node[]
}

/** The value that a chain of views shows. */
export function viewed(x: Tensor): Tensor {
  return x.node.operation.view ? viewed(x.node.inputs[0]!) : x
}

/** One text for each value, whatever views of it there are. */
export function keyOf(x: Tensor): string {
  const { node, index } = viewed(x)
  return `${node.id}:${index}`
}

/** Everything that the results are computed from. */
export function graphOf(results: readonly Tensor[]): Graph {
  const seen = new Set<Node>()
  const pending = results.map(({ node }) => node)
  while (pending.length > 0) {
    const node = pending.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    for (const x of node.inputs) if (x !== null) pending.push(x.node)
  }
  const nodes = [...seen].sort((a, b) => a.id - b.id)
  const readers = new Map<string, Node[]>()
  for (const node of nodes) {
    if (node.operation.view) continue
    for (const x of node.inputs) {
      if (x === null) continue
      const list = readers.get(keyOf(x)) ?? []
      readers.set(keyOf(x), list)
      if (!list.includes(node)) list.push(node)
    }
  }
  return { nodes, readersOf: (x) => readers.get(keyOf(x)) ?? [] }
}

/** The weight whose state a tensor is, where it is one. */
export function weightName(x: Tensor | null): string | undefined {
  return x?.node.source?.kind === 'state' ? x.node.source.name : undefined
}

/** What a node multiplies with which weight; undefined for nodes that do something else. */
export function weightProduct({ operation, inputs, attributes }: Node): WeightProduct | undefined {
  const name = operation.name === 'matmul' && attributes.transposeA !== 1 ? weightName(inputs[1]) : undefined
  if (name === undefined) return undefined
  const { shape } = inputs[1]!
  if (shape.length !== 2) return undefined
  const transposed = attributes.transposeB !== 1
  const [rows, columns] = transposed ? shape.toReversed() : shape
  return { name, rows, columns, transposed, x: viewed(inputs[0]!) }
}

/** All products with weights among the nodes, in the order of writing. */
export function productsOf(graph: Graph): WeightProduct[] {
  return graph.nodes.flatMap((node) => weightProduct(node) ?? [])
}
