import { ConfigError, quantity } from '../base/index.ts'
import { placeValues } from './place.ts'
import {
  type Again,
  blockCount,
  type Choice,
  choices,
  costOf,
  type Forgotten,
  forwardEnd,
  insideOfBlocks,
  recomputed,
} from './recompute.ts'
import type { Graph, Step } from './step.ts'

/**
 * What the forward forgets and the backward computes again:
 * - `none`: nothing;
 * - `selective`: what is large and costs no product: norms, activations, rotations (Korthikanti et al. 2022, §5);
 * - `block`: everything inside a block; what blocks give to each other stays;
 * - `sqrt`: everything inside groups of √L blocks (Chen et al. 2016, §4.1).
 */
export type Recompute = 'none' | 'selective' | 'block' | 'sqrt'

export const recomputePolicies: readonly Recompute[] = ['none', 'selective', 'block', 'sqrt']

const nothing: Forgotten = new Map()

/** The steps that a policy forgets. */
export function forgottenBy(graph: Graph, policy: Recompute): Forgotten {
  switch (policy) {
    case 'none':
      return nothing
    case 'selective':
      return forgottenOf(choices(graph).filter((choice) => choice.isCheap))
    case 'block':
      return insideOfBlocks(graph, 1)
    case 'sqrt':
      return insideOfBlocks(graph, Math.max(1, Math.ceil(Math.sqrt(blockCount(graph)))))
  }
}

const forgottenOf = (chosen: readonly Choice[]): Forgotten => {
  const forgotten = new Map<Step, Again>()
  for (const { step, again } of chosen) if (forgotten.get(step) !== 'whole') forgotten.set(step, again)
  return forgotten
}

/** What a graph costs, as the time in which memory moves so many bytes, and how much memory its arena takes. */
interface Assessed {
  readonly graph: Graph
  readonly cost: number
  readonly bytes: number
}

function assess(graph: Graph, forgotten: Forgotten): Assessed {
  const result = recomputed(graph, forgotten)
  const cost = result.steps.reduce((sum, step) => sum + costOf(step), 0)
  return { graph: result, cost, bytes: placeValues(result).workBytes }
}

/**
 * The cheapest of what was tried that fits `memory`, of which the state takes its part, or the smallest: the policies, and single steps in the order of what they cost
 * for what they free, with those taken back in the end that turn out not to be needed; each with all logits at once and
 * with fewer at a time.
 *
 * @throws ConfigError when nothing fits: it says how much the smallest needs
 */
export function fitting(graph: Graph, memory: number | 'least', stateBytes: number): Graph {
  const bytes = memory === 'least' ? 0 : memory - stateBytes
  let best: Assessed | undefined
  let smallest: Assessed | undefined
  const consider = (one: Assessed) => {
    if (smallest === undefined || one.bytes < smallest.bytes) smallest = one
    if (one.bytes <= bytes && (best === undefined || one.cost < best.cost)) best = one
    return one.bytes <= bytes
  }
  for (const logits of [1, 1 / 4, 1 / 16]) {
    const base = logits === 1 ? graph : fewerLogits(graph, logits)
    if (consider(assess(base, nothing))) continue // forgetting anything would only cost more
    for (const policy of recomputePolicies.slice(1)) consider(assess(base, forgottenBy(base, policy)))
    const order = choices(base).sort((a, b) => a.cost / a.bytes - b.cost / b.bytes)
    // The fewest of them, the best first, that fit.
    let enough = order.length
    if (!consider(assess(base, forgottenOf(order)))) continue
    for (let few = 0; few < enough; ) {
      const middle = (few + enough) >> 1
      if (consider(assess(base, forgottenOf(order.slice(0, middle))))) enough = middle
      else few = middle + 1
    }
    let chosen = order.slice(0, enough)
    for (const one of [...chosen].sort((a, b) => b.cost - a.cost).slice(0, 32)) {
      const without = chosen.filter((other) => other !== one)
      if (consider(assess(base, forgottenOf(without)))) chosen = without
    }
  }
  if (memory === 'least') return smallest!.graph
  if (best === undefined) {
    throw new ConfigError(
      `memory: ${quantity(smallest!.bytes - bytes, 'B')} too little: the values of a step need ${quantity(smallest!.bytes, 'B')} at least, and state ` +
        `${quantity(stateBytes, 'B')}; ${quantity(memory, 'B')} are left for both. Allow more, or lower batch or tokens`,
    )
  }
  return best.graph
}

/** The same, with a share of the rows of logits at a time: less memory, and the output embedding is read more often. */
function fewerLogits(graph: Graph, share: number): Graph {
  const steps = graph.steps.map((step) => {
    const scratch = step.operation.scratch
    const use = scratch === undefined ? null : step.outputs[scratch]
    if (use === null) return step
    const [rows, columns] = use.shape
    const fewer = Math.max(16, Math.ceil((rows * share) / 16) * 16)
    if (fewer >= rows) return step
    const shape = [fewer, columns]
    const outputs = step.outputs.map((other) => (other === use ? { value: { ...use.value, shape }, shape } : other))
    return { ...step, outputs }
  })
  return { ...graph, steps }
}

/** The steps of a compiled graph that are done a second time. */
export function secondTimes(before: Graph, after: Graph): Step[] {
  if (before === after) return []
  const known = new Set(before.steps.map(({ outputs }) => outputs[0]?.value))
  return after.steps.slice(forwardEnd(after)).filter(({ outputs }) => !known.has(outputs[0]!.value))
}
