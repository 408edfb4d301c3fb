import { type Graph, keptValues, readersOf, redirected, type Step, type Use, type Value } from './step.ts'

/** Inputs that a kernel rounds to bf16 when it computes in bf16, by operation. */
const roundedInputs: Readonly<Record<string, readonly number[]>> = {
  matmul: [0, 1],
  attention: [0, 1, 2],
  'attention-backward': [0, 1, 2],
  'linear-cross-entropy': [0],
  'linear-cross-entropy-backward': [0],
}

/** Outputs that a kernel can write as bf16. */
const narrowOutputs: Readonly<Record<string, readonly number[]>> = {
  matmul: [0, 1],
  elementwise: [0, 1, 2, 3, 4, 5],
  'layer-norm': [0],
  'rms-norm': [0],
  rotary: [0],
}

/** Operations that move elements of any size. */
const movements: ReadonlySet<string> = new Set(['slice', 'transpose'])

/**
 * In bf16 programs: a value that everybody who reads it would round to bf16 is stored as bf16. It takes half the memory
 * and half the traffic, and no result changes by a bit.
 */
export function narrowed(graph: Graph): Graph {
  const readers = readersOf(graph.steps)
  const kept = keptValues(graph)
  // From the end, so that the readers of a moved value are known before the value that it was moved from.
  const wanted = new Set<Value>()
  const isRounded = (step: Step, value: Value): boolean => {
    if (movements.has(step.operation.name)) return wanted.has(step.outputs[0]!.value)
    const rounded = roundedInputs[step.operation.name] ?? []
    return step.inputs.every((use, i) => use?.value !== value || rounded.includes(i))
  }
  for (const step of [...graph.steps].reverse()) {
    for (const use of step.outputs) {
      if (use === null || use.value.dtype !== 'f32' || kept.has(use.value)) continue
      const users = readers.get(use.value) ?? []
      if (users.length > 0 && users.every((user) => isRounded(user, use.value))) wanted.add(use.value)
    }
  }

  const stored = new Map<Value, Value>()
  const seen = (use: Use | null) => redirected(use, stored)
  const steps = graph.steps.map((step) => {
    const inputs = step.inputs.map(seen)
    const { name } = step.operation
    step.outputs.forEach((use, i) => {
      if (use === null || !wanted.has(use.value)) return
      const writes = movements.has(name) ? stored.has(step.inputs[0]!.value) : narrowOutputs[name]?.includes(i)
      if (writes) stored.set(use.value, { ...use.value, dtype: 'bf16' })
    })
    return { ...step, inputs, outputs: step.outputs.map(seen) }
  })
  return { ...graph, steps }
}
