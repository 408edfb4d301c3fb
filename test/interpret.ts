import {
  absent,
  elementwiseFunctions,
  f64View,
  kernels,
  read,
  roundToBf16,
  type View,
} from '../src/backend/reference/index.ts'
import { broadcastIndices } from '../src/backend/reference/view.ts'
import { type ElementwiseName, newElements, sizeOf } from '../src/base/index.ts'
import type { Computation } from '../src/compiler/index.ts'
import { IDENTITY, type Node, type Tensor } from '../src/tensor/index.ts'
import type { Doubles, Evaluation } from './doubles.ts'

/**
 * Computes every node on its own, in f64, each value in memory of its own: what a computation means, with no compiler in
 * between. Slow, and short enough to be believed.
 */
export function interpret(
  { outputs, updates = [] }: Computation,
  inputs: Readonly<Record<string, ArrayLike<number>>> = {},
  states: Doubles = {},
): Evaluation {
  const known = new Map<Node, View[]>()
  const viewOf = (x: Tensor): View => {
    if (!known.has(x.node)) known.set(x.node, viewsOf(x.node))
    return known.get(x.node)![x.index]
  }
  const viewsOf = (node: Node): View[] => {
    const { source, operation, attributes } = node
    const { shape, dtype } = node.outputs[0]
    if (source !== undefined) {
      const values =
        source.kind === 'constant' ? source.values : (source.kind === 'state' ? states : inputs)[source.name]
      return [stored(shape, dtype, Float64Array.from(values ?? new Float64Array(sizeOf(shape))))]
    }
    const views = node.inputs.map((x) => (x === null ? absent : viewOf(x)))
    if (operation.view) return [{ ...views[0], shape }]
    if (operation.opcode !== undefined) {
      const registers = views.map((view) => {
        const values = read(view)
        return Float64Array.from(broadcastIndices(view.shape, shape), (i) => values[i])
      })
      if (operation.opcode === IDENTITY) return [stored(shape, dtype, registers[0])]
      const compute = elementwiseFunctions[operation.name as ElementwiseName]
      if (operation.name === 'constant') return [f64View(shape, [attributes.value as number])]
      const [a, b, c] = registers
      return [
        f64View(
          shape,
          Float64Array.from(a, (value, i) => compute(value, b?.[i] ?? 0, c?.[i] ?? 0)),
        ),
      ]
    }
    const results = node.outputs.map((spec) => f64View(spec.shape))
    const list = operation.attributes.map((name) => attributes[name] ?? 0)
    kernels.get(operation.name)!(views, results, list)
    return results.map((view, i) => stored(view.shape, node.outputs[i].dtype, read(view)))
  }
  const results = Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, read(viewOf(x))]))
  const after: Doubles = { ...states }
  for (const [target, x] of updates) {
    if (target.node.source?.kind !== 'state') throw new TypeError('only state is updated')
    after[target.node.source.name] = read(stored(target.shape, target.dtype, read(viewOf(x))))
  }
  return { outputs: results, states: after }
}

/** A value in its dtype; f32 keeps all its digits. */
function stored(shape: readonly number[], dtype: Tensor['dtype'], values: Float64Array): View {
  if (dtype === 'f32') return f64View(shape, values)
  if (dtype === 'bf16') return f64View(shape, values.map(roundToBf16))
  const elements = newElements(dtype, [values.length])
  elements.set(values)
  return { shape, dtype, elements }
}
