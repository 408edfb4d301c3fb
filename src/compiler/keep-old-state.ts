import { elementwiseOperation } from './elementwise.ts'
import type { Graph, Step, Use, Value } from './step.ts'

/**
 * Who reads a state sees its old contents. Steps are done with them before the new ones are written; a result, or new
 * contents of another state, are read when the run is over: they get a copy, made before anything else.
 */
export function keepOldState(graph: Graph): Graph {
  const updated = new Set(graph.updates.filter(({ state, value }) => value.value !== state).map(({ state }) => state))
  if (updated.size === 0) return graph
  const old = new Map<Value, Value>()
  const copies: Step[] = []
  const read = (use: Use): Use => {
    if (!updated.has(use.value)) return use
    const { shape, dtype } = use.value
    const copy = old.get(use.value) ?? { id: -1 - old.size, shape, dtype }
    if (!old.has(use.value)) {
      old.set(use.value, copy)
      copies.push({
        operation: elementwiseOperation,
        inputs: [{ value: use.value, shape }],
        outputs: [{ value: copy, shape }],
        attributes: { code: [], results: [0] },
        flops: 0,
        origin: { scope: '', isGradient: false },
      })
    }
    return { value: copy, shape: use.shape }
  }
  const results = new Map([...graph.results].map(([name, use]) => [name, read(use)]))
  const updates = graph.updates.map(({ state, value }) => ({
    state,
    value: value.value === state ? value : read(value),
  }))
  return { steps: [...copies, ...graph.steps], results, updates }
}
