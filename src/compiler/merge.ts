import { sameShape } from '../base/index.ts'
import { concatOperation, linearCrossEntropyBackward, padOperation, scatterAddOperation } from '../tensor/index.ts'
import {
  dependsOn,
  type Graph,
  keptValues,
  readersOf,
  redirected,
  type Step,
  sorted,
  type Use,
  type Value,
  writersOf,
} from './step.ts'

const sameUse = (a: Use | null, b: Use | null) => a?.value === b?.value && (a === null || sameShape(a.shape, b!.shape))

/** Replaces reads of some values by reads of others of the same shape. */
function readingOthers(graph: Graph, to: ReadonlyMap<Value, Value>): Graph {
  if (to.size === 0) return graph
  const redirect = <U extends Use | null>(use: U) => redirected(use, to)
  return {
    steps: graph.steps.map((step) => ({ ...step, inputs: step.inputs.map(redirect) })),
    results: new Map([...graph.results].map(([name, use]) => [name, redirect(use)])),
    updates: graph.updates.map((update) => ({ ...update, value: redirect(update.value) })),
  }
}

/**
 * The backward of linear-cross-entropy knows the losses: where it runs anyway, and its own inputs do not need them, the
 * forward call is dropped and with it a third of the work on the vocabulary.
 */
export function mergeCrossEntropy(graph: Graph): Graph {
  let current = graph
  // One at a time: two that may each be merged may need each other once one of them is.
  for (;;) {
    const to = mergeable(current)
    if (to === undefined) return sorted(current)
    current = sorted(readingOthers(current, to))
  }
}

function mergeable({ steps }: Graph): ReadonlyMap<Value, Value> | undefined {
  const writers = writersOf(steps)
  for (const backward of steps) {
    if (backward.operation !== linearCrossEntropyBackward) continue
    const forward = steps.find(
      (step) =>
        step.operation.name === 'linear-cross-entropy' &&
        step.inputs.every((use, i) => sameUse(use, backward.inputs[i])) &&
        step.operation.attributes.every((name) => step.attributes[name] === backward.attributes[name]),
    )
    if (forward === undefined) continue
    if (backward.inputs.some((use) => use !== null && dependsOn(use.value, forward, writers))) continue
    const [losses, , nats] = forward.outputs
    const to = new Map([[losses!.value, backward.outputs[0]!.value]])
    if (nats) to.set(nats.value, backward.outputs[4]!.value)
    return to
  }
  return undefined
}

/** `g + scatterAdd(zeros, ids, updates)` adds the updates to g in place of making, filling and adding a table of zeros. */
export function mergeScatterAdd(graph: Graph): Graph {
  const writers = writersOf(graph.steps)
  const readers = readersOf(graph.steps)
  const kept = keptValues(graph)
  const replaced = new Map<Step, Step>()
  for (const add of graph.steps) {
    if (add.operation.name !== 'add') continue
    for (const [mine, other] of [add.inputs, [...add.inputs].reverse()]) {
      const scatter = writers.get(mine!.value)
      if (scatter?.operation !== scatterAddOperation || kept.has(mine!.value) || readers.get(mine!.value)!.length > 1)
        continue
      if (!sameShape(mine!.shape, other!.shape) || !isZero(scatter.inputs[0]!, writers)) continue
      if (other!.value.dtype !== 'f32') continue
      const { shape } = scatter.outputs[0]!
      const base = { value: other!.value, shape }
      const sum = { value: add.outputs[0]!.value, shape }
      replaced.set(add, { ...scatter, inputs: [base, ...scatter.inputs.slice(1)], outputs: [sum] })
      break
    }
  }
  return replaced.size === 0
    ? graph
    : sorted({ ...graph, steps: graph.steps.map((step) => replaced.get(step) ?? step) })
}

function isZero(use: Use, writers: ReadonlyMap<Value, Step>): boolean {
  const writer = writers.get(use.value)
  if (writer?.operation.name === 'broadcast') return isZero(writer.inputs[0]!, writers)
  return writer?.operation.name === 'constant' && writer.attributes.value === 0
}

/**
 * A sum of padded values that fill an axis side by side is their concatenation: what the parts of a split give back as
 * the gradient of the whole.
 */
export function mergePads(graph: Graph): Graph {
  const writers = writersOf(graph.steps)
  const readers = readersOf(graph.steps)
  const kept = keptValues(graph)
  const replaced = new Map<Step, Step>()

  /** The pads that `use` is the sum of; undefined when it is anything else, or someone else reads it. */
  const padsOf = (use: Use): Step[] | undefined => {
    const step = writers.get(use.value)
    if (step === undefined || kept.has(use.value) || readers.get(use.value)!.length > 1) return undefined
    if (!sameShape(use.shape, step.outputs[0]!.shape)) return undefined
    return step.operation === padOperation ? [step] : step.operation.name === 'add' ? padsUnder(step) : undefined
  }
  const padsUnder = (add: Step): Step[] | undefined => {
    const [a, b] = add.inputs
    if (a!.value === b!.value || !sameShape(a!.shape, b!.shape)) return undefined
    const right = padsOf(b!) // sums grow on the left, so that this is the quicker no
    const left = right && padsOf(a!)
    return left && [...left, ...right]
  }

  // From the end, so that the greatest sum is found first.
  for (const add of [...graph.steps].reverse()) {
    if (add.operation.name !== 'add') continue
    const pads = padsUnder(add)?.sort((a, b) => startOf(a) - startOf(b))
    if (pads === undefined || !fill(pads)) continue
    replaced.set(add, {
      operation: concatOperation,
      inputs: pads.map((pad) => pad.inputs[0]),
      outputs: add.outputs,
      attributes: { axis: pads[0].attributes.axis },
      flops: 0,
      origin: add.origin,
    })
  }
  return replaced.size === 0
    ? graph
    : sorted({ ...graph, steps: graph.steps.map((step) => replaced.get(step) ?? step) })
}

const startOf = (pad: Step) => pad.attributes.start as number

/** Whether pads of one axis, in order of their starts, cover it without a gap and without an overlap. */
function fill(pads: readonly Step[]): boolean {
  const axis = pads[0].attributes.axis as number
  let end = 0
  for (const pad of pads) {
    if (pad.attributes.axis !== axis || startOf(pad) !== end) return false
    if (pad.inputs[0]!.value.dtype !== 'f32') return false
    end += pad.inputs[0]!.shape[axis]
  }
  return end === pads[0].outputs[0]!.shape[axis]
}
