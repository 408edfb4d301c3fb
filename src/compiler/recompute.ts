import { byteLength, opcode, sizeOf } from '../base/index.ts'
import { activations, matmulOperation } from '../tensor/index.ts'
import { elementwiseOperation } from './elementwise.ts'
import { type Graph, keptValues, readersOf, type Step, type Use, type Value, writersOf } from './step.ts'

/**
 * How the results of a step are had again: by the same step, or, for a product that also gives the value before its
 * activation, by the activation alone.
 */
export type Again = 'whole' | 'activation'

/** Steps of the forward whose results are forgotten after it, and computed again before the gradients need them. */
export type Forgotten = ReadonlyMap<Step, Again>

/** The number of the first step that a gradient rule wrote: what is before it is the forward. */
export function forwardEnd({ steps }: Graph): number {
  const first = steps.findIndex((step) => step.origin.isGradient)
  return first < 0 ? steps.length : first
}

/**
 * Puts copies of forgotten steps before the first step behind the forward that needs them. A copy has the same inputs, so
 * its results are the same bits; random numbers are a function of their place and so come again too.
 *
 * Source: Griewank & Walther 2008, §12; Chen et al. 2016, "Training deep nets with sublinear memory cost", §4.
 */
export function recomputed(graph: Graph, forgotten: Forgotten): Graph {
  if (forgotten.size === 0) return graph
  const end = forwardEnd(graph)
  const writers = writersOf(graph.steps.slice(0, end))
  const again = new Map<Value, Value>()
  const steps = graph.steps.slice(0, end)
  let id = graph.steps.reduce((most, { outputs }) => Math.max(most, ...outputs.map((use) => use?.value.id ?? 0)), 0)

  const seen = (use: Use | null): Use | null => use && { value: had(use.value), shape: use.shape }
  const had = (value: Value): Value => {
    const known = again.get(value)
    if (known !== undefined) return known
    const step = writers.get(value)
    const way = step && forgotten.get(step)
    if (step === undefined || way === undefined) return value
    if (way === 'activation' && value !== step.outputs[0]!.value) return value
    const copy = way === 'activation' ? activationOf(step) : step
    const inputs = copy.inputs.map(seen)
    const outputs = copy.outputs.map((use): Use | null => {
      if (use === null) return null
      const fresh = { ...use.value, id: ++id }
      again.set(use.value, fresh)
      return { value: fresh, shape: use.shape }
    })
    steps.push({ ...copy, inputs, outputs, origin: { ...copy.origin, isGradient: true } })
    return again.get(value)!
  }
  for (const step of graph.steps.slice(end)) steps.push({ ...step, inputs: step.inputs.map(seen) })
  return { ...graph, steps }
}

/** The activation of a product, from the value before it. */
function activationOf(step: Step): Step {
  const [c, pre] = step.outputs
  const name = activations[step.attributes.activation as number]
  return {
    operation: elementwiseOperation,
    inputs: [pre],
    outputs: [c],
    attributes: { code: [opcode(name as Parameters<typeof opcode>[0]), 0, 0, 0], results: [1] },
    flops: sizeOf(c!.shape),
    origin: step.origin,
  }
}

/** A way to forget the results of one step. */
export interface Choice {
  readonly step: Step
  readonly again: Again
  /** Bytes that need not wait for the gradients. */
  readonly bytes: number
  /** What computing it again costs: the time in which memory moves so many bytes. */
  readonly cost: number
  /** Whether it does arithmetic on what it reads once or twice, no product: far cheaper than what it frees. */
  readonly isCheap: boolean
}

/** Arithmetic operations that a processor does while its memory moves one byte; those that we know do 7 to 20. */
const FLOPS_A_BYTE = 10

const products: ReadonlySet<string> = new Set(['matmul', 'attention', 'linear-cross-entropy'])

const bytesOfUse = (use: Use | null) => (use === null ? 0 : byteLength(use.value.dtype, use.shape))

/** What computing a step costs, as the time in which memory moves so many bytes. */
export function costOf({ inputs, outputs, flops }: Step): number {
  const moved = [...inputs, ...outputs].reduce((sum, use) => sum + bytesOfUse(use), 0)
  return Math.max(moved, flops / FLOPS_A_BYTE)
}

/**
 * Everything that could be forgotten one by one: steps of the forward whose results wait for the gradients, and whose own
 * inputs wait too, or can be had again in turn. What one block gives to the next is not among it.
 */
export function choices(graph: Graph): Choice[] {
  const end = forwardEnd(graph)
  const place = new Map(graph.steps.map((step, i) => [step, i]))
  const readers = readersOf(graph.steps)
  const kept = keptValues(graph)
  const waits = (value: Value) => (readers.get(value) ?? []).some((reader) => place.get(reader)! >= end)
  const found: Choice[] = []
  const wholes = new Set<Value>()
  for (const step of graph.steps.slice(0, end)) {
    const outputs = step.outputs.filter((use) => use !== null)
    const isThere = (use: Use | null) =>
      use === null || use.value.source !== undefined || wholes.has(use.value) || waits(use.value)
    if (outputs.some((use) => kept.has(use.value)) || !step.inputs.every(isThere) || leaves(step, readers, place, end))
      continue
    const bytes = outputs.reduce((sum, use) => sum + (waits(use.value) ? bytesOfUse(use) : 0), 0)
    const [c, pre = null] = step.outputs
    if (step.operation === matmulOperation && pre !== null && step.inputs[3] == null && waits(c!.value)) {
      const cost = costOf(activationOf(step))
      found.push({ step, again: 'activation', bytes: bytesOfUse(c), cost, isCheap: true })
    }
    if (bytes > 0)
      found.push({ step, again: 'whole', bytes, cost: costOf(step), isCheap: !products.has(step.operation.name) })
    for (const use of outputs) wholes.add(use.value)
  }
  return found
}

/** Whether the forward of another block reads a result of the step. */
function leaves(
  step: Step,
  readers: ReadonlyMap<Value, Step[]>,
  place: ReadonlyMap<Step, number>,
  end: number,
): boolean {
  const block = blockOf(step)
  return step.outputs.some((use) =>
    (use === null ? [] : (readers.get(use.value) ?? [])).some(
      (reader) => place.get(reader)! < end && blockOf(reader) !== block,
    ),
  )
}

/** The block of a model that a step belongs to: its scope up to the first number, `blocks.3`. */
export function blockOf({ origin: { scope } }: Step): string | undefined {
  return /^(?:.*?\.)?\d+(?=\.|$)/.exec(scope)?.[0]
}

/**
 * All steps of the forward's blocks but those whose results leave their group of `size` neighbouring blocks.
 */
export function insideOfBlocks(graph: Graph, size: number): Forgotten {
  const end = forwardEnd(graph)
  const forward = graph.steps.slice(0, end)
  const order = blocksOf(forward)
  const groupOf = (step: Step) => {
    const block = blockOf(step)
    return block === undefined ? -1 : Math.floor(order.get(block)! / size)
  }
  const kept = keptValues(graph)
  const readers = readersOf(forward)
  const stays = (step: Step) =>
    step.outputs.every(
      (use) =>
        use === null ||
        (!kept.has(use.value) && (readers.get(use.value) ?? []).every((reader) => groupOf(reader) === groupOf(step))),
    )
  return new Map(
    forward.flatMap((step): [Step, Again][] => (groupOf(step) >= 0 && stays(step) ? [[step, 'whole']] : [])),
  )
}

/** How many blocks the forward has. */
export function blockCount(graph: Graph): number {
  return blocksOf(graph.steps.slice(0, forwardEnd(graph))).size
}

/** The blocks of some steps, numbered in their order. */
function blocksOf(steps: readonly Step[]): Map<string, number> {
  const order = new Map<string, number>()
  for (const step of steps) {
    const block = blockOf(step)
    if (block !== undefined && !order.has(block)) order.set(block, order.size)
  }
  return order
}
