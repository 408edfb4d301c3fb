import { AlippeError, ShapeError, shapeText, sizeOf } from '../base/index.ts'
import { add, ones, zeros } from './ops/elementwise.ts'
import { sumTo } from './ops/reduce.ts'
import { gradientOf } from './origin.ts'
import { type Node, Tensor } from './tensor.ts'

/**
 * Gradients of a scalar, written as more of the same graph (reverse-mode differentiation: Griewank & Walther 2008, §3.2).
 *
 * @param loss a tensor of one element
 * @param of the tensors to differentiate by
 * @returns one gradient for each, of the same shape; zeros where the loss does not depend on it
 * @throws ShapeError when the loss has more than one element
 *
 * @example
 * const x = constant([1, 2, 3], [3])
 * gradients(sum(multiply(x, x)), [x]) // [[2, 4, 6]]; one gradient, 2x
 */
export function gradients(loss: Tensor, of: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1)
    throw new ShapeError('gradients', `the loss must be one number, got ${shapeText(loss.shape)}`)
  const targets = new Set(of.map((x) => x.node))
  const order = dependents(loss.node, targets)
  const totals = new Map<Node, (Tensor | undefined)[]>()
  accumulate(totals, loss, ones(loss.shape))

  for (const node of order) {
    const dOutputs = totals.get(node)
    if (dOutputs === undefined || !node.inputs.some((x) => x !== null && order.has(x.node))) continue
    const rule = node.operation.gradient
    if (rule === undefined) {
      throw new AlippeError(
        'ALIPPE_GRADIENT',
        `${node.operation.name} has no gradient rule, and the loss depends on it`,
      )
    }
    const outputs = node.outputs.map((_, i) => new Tensor(node, i))
    gradientOf(node.origin, () => {
      const dInputs = rule({ node, inputs: node.inputs, outputs, attributes: node.attributes }, dOutputs)
      node.inputs.forEach((x, i) => {
        const dx = dInputs[i]
        if (x !== null && dx !== undefined && order.has(x.node)) accumulate(totals, x, dx)
      })
    })
    if (!targets.has(node)) totals.delete(node)
  }
  return of.map((x) => totals.get(x.node)?.[x.index] ?? zeros(x.shape))
}

/** Nodes on a path from a target to the loss, the loss first: an order in which every user of a value comes before it. */
function dependents(loss: Node, targets: ReadonlySet<Node>): Set<Node> {
  const onPath = new Map<Node, boolean>()
  const found: Node[] = []
  // Graphs are deep: an explicit stack, with a node seen a second time once its inputs are known.
  const stack: Node[] = [loss]
  while (stack.length > 0) {
    const node = stack[stack.length - 1]
    if (onPath.has(node)) {
      stack.pop()
      continue
    }
    const open = node.inputs.filter((x) => x !== null && !onPath.has(x.node))
    if (open.length > 0) {
      for (const x of open) stack.push(x!.node)
      continue
    }
    stack.pop()
    const leads = targets.has(node) || node.inputs.some((x) => x !== null && onPath.get(x.node) === true)
    onPath.set(node, leads)
    if (leads) found.push(node)
  }
  return new Set(found.sort((a, b) => b.id - a.id))
}

function accumulate(totals: Map<Node, (Tensor | undefined)[]>, x: Tensor, dx: Tensor): void {
  let entries = totals.get(x.node)
  if (entries === undefined) totals.set(x.node, (entries = new Array(x.node.outputs.length).fill(undefined)))
  const before = entries[x.index]
  const own = sumTo(dx, x.shape)
  entries[x.index] = before === undefined ? own : add(before, own)
}
