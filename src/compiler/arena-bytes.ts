import { peakOf } from './memory.ts'
import type { Placement } from './place.ts'
import { forwardEnd } from './recompute.ts'
import type { Graph, Value } from './step.ts'

/** What an arena holds at the step at which it holds most, in bytes. */
export interface ArenaBytes {
  /** Batches, constants. */
  readonly inputs: number
  /** Results of the forward that wait for the gradients. */
  readonly activations: number
  /** Gradients of weights that wait for the optimizer. */
  readonly gradients: number
  /** What is used up on the way: gradients of activations, logits. */
  readonly temporary: number
  /** Room between values. */
  readonly gaps: number
}

export function arenaBytes(graph: Graph, { residents, states, workBytes }: Placement): ArenaBytes {
  const end = forwardEnd(graph)
  const forOptimizer = new Set<Value>()
  for (const step of graph.steps.slice(end)) {
    if (!step.outputs.some((use) => use !== null && states.has(use.value))) continue
    for (const use of step.inputs) if (use !== null) forOptimizer.add(use.value)
  }
  const { step } = peakOf(residents)
  const bytes = { inputs: 0, activations: 0, gradients: 0, temporary: 0 }
  for (const { value, bytes: size, first, last } of residents) {
    if (first > step || last < step) continue
    if (value.source !== undefined) bytes.inputs += size
    else if (first < end) bytes.activations += size
    else if (forOptimizer.has(value)) bytes.gradients += size
    else bytes.temporary += size
  }
  const held = bytes.inputs + bytes.activations + bytes.gradients + bytes.temporary
  return { ...bytes, gaps: workBytes - held }
}
