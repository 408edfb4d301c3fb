import { ConfigError, ShapeError, sameShape, shapeText } from '../base/index.ts'
import type { Attributes, Node, Tensor } from '../tensor/index.ts'
import type { Graph, Step, Update, Use, Value } from './step.ts'

/** What a program is asked to compute. */
export interface Computation {
  /** Values to read after each run, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /** State and its new contents: `[state('w', …), w2]`. Reads of the state see the old contents. */
  readonly updates?: readonly (readonly [Tensor, Tensor])[]
}

/**
 * Turns tensors into steps, in the order in which they were written. Views disappear into the uses of what they view, and
 * equal computations (same operation, inputs and attributes) become one.
 */
export function lower({ outputs, updates = [] }: Computation): Graph {
  const uses = new Map<Node, Use[]>()
  const known = new Map<string, Use[]>()
  const named = new Map<string, Value>()
  const steps: Step[] = []
  let values = 0

  const useOf = (x: Tensor): Use => uses.get(x.node)![x.index]

  const place = (node: Node): Use[] => {
    const { source, operation, attributes } = node
    if (source !== undefined) {
      const { shape, dtype } = node.outputs[0]
      if (source.kind === 'constant') return [{ value: { id: values++, shape, dtype, source }, shape }]
      const key = `${source.kind} ${source.name}`
      const value = named.get(key) ?? { id: values++, shape, dtype, source }
      named.set(key, value)
      if (!sameShape(value.shape, shape) || value.dtype !== dtype) {
        throw new ShapeError(
          key,
          `is used as ${value.dtype} ${shapeText(value.shape)} and as ${dtype} ${shapeText(shape)}`,
        )
      }
      return [{ value, shape }]
    }
    const inputs = node.inputs.map((x) => x && useOf(x))
    if (operation.view) return [{ value: inputs[0]!.value, shape: node.outputs[0].shape }]
    const key = keyOf(node, inputs)
    const equal = known.get(key)
    if (equal !== undefined) return equal
    const results = node.outputs.map(({ shape, dtype }) => ({ value: { id: values++, shape, dtype }, shape }))
    const flops = operation.flops(node.inputs, node.outputs, attributes)
    steps.push({ operation, inputs, outputs: results, attributes, flops, origin: node.origin })
    known.set(key, results)
    return results
  }

  const updated = new Set<Value>()
  const wanted = [...Object.values(outputs), ...updates.flat()]
  for (const node of reachable(wanted)) uses.set(node, place(node))

  return {
    steps,
    results: new Map(Object.entries(outputs).map(([name, x]) => [name, useOf(x)])),
    updates: updates.map(([target, x]): Update => {
      const { value } = useOf(target)
      if (value.source?.kind !== 'state') throw new ConfigError(`only state can be updated, got ${target}`)
      if (!sameShape(target.shape, x.shape)) {
        throw new ShapeError(
          'update',
          `${value.source.name} is ${shapeText(target.shape)} but its new contents are ${shapeText(x.shape)}`,
        )
      }
      if (updated.has(value)) throw new ConfigError(`${value.source.name} is updated twice`)
      updated.add(value)
      return { state: value, value: useOf(x) }
    }),
  }
}

/** The same text for nodes that compute the same from the same: numbers are told apart as Object.is does. */
function keyOf({ operation, attributes, outputs }: Node, inputs: readonly (Use | null)[]): string {
  let key = `${operation.name} ${outputs[0].dtype}`
  for (const use of inputs) key += use === null ? ' -' : ` ${use.value.id}[${use.shape.join()}]`
  for (const name in attributes) key += ` ${name}=${attributeText(attributes[name])}`
  return key
}

function attributeText(attribute: Attributes[string]): string {
  if (typeof attribute !== 'number') return `[${attribute.map(attributeText).join()}]`
  return Object.is(attribute, -0) ? '-0' : String(attribute)
}

/** Every node that the tensors depend on, in the order of writing. */
function reachable(tensors: readonly Tensor[]): Node[] {
  const seen = new Set<Node>()
  const pending = tensors.map((x) => x.node)
  while (pending.length > 0) {
    const node = pending.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    for (const x of node.inputs) if (x !== null) pending.push(x.node)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}
