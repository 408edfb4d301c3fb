import { AlippeError, type DType, type Shape } from '../base/index.ts'
import type { Attributes, Operation, Origin, Source } from '../tensor/index.ts'

/** A value that will have a place in memory. Two views of the same bytes are one value. */
export interface Value {
  readonly id: number
  readonly shape: Shape
  readonly dtype: DType
  readonly source?: Source
}

/** A value as one step sees it: the same bytes, perhaps with another shape. */
export interface Use {
  readonly value: Value
  readonly shape: Shape
}

/** The use of what stands in the place of a value, where something does. */
export function redirected<U extends Use | null>(use: U, to: ReadonlyMap<Value, Value>): U {
  const value = use === null ? undefined : to.get(use.value)
  return value === undefined ? use : ({ value, shape: use!.shape } as U)
}

/** One kernel call in the making. Passes replace steps; they do not change them. */
export interface Step {
  readonly operation: Operation
  readonly inputs: readonly (Use | null)[]
  readonly outputs: readonly (Use | null)[]
  readonly attributes: Attributes
  readonly flops: number
  readonly origin: Origin
}

/** A computation between passes: steps in a valid order, and what must be there at the end. */
export interface Graph {
  readonly steps: readonly Step[]
  /** Values that are read from outside after a run, by name. */
  readonly results: ReadonlyMap<string, Use>
  /** New contents of state, written back at the end of a run. */
  readonly updates: readonly Update[]
}

export interface Update {
  readonly state: Value
  readonly value: Use
}

/** Whose bytes the outside world reads: no pass may drop or change them. */
export function keptValues(graph: Graph): Set<Value> {
  return new Set([
    ...[...graph.results.values()].map((use) => use.value),
    ...graph.updates.map((update) => update.value.value),
  ])
}

/** Steps that read each value. */
export function readersOf(steps: readonly Step[]): Map<Value, Step[]> {
  const readers = new Map<Value, Step[]>()
  for (const step of steps) {
    for (const use of step.inputs) {
      if (use === null) continue
      const list = readers.get(use.value)
      if (list === undefined) readers.set(use.value, [step])
      else if (list[list.length - 1] !== step) list.push(step)
    }
  }
  return readers
}

/** The step that writes each value. */
export function writersOf(steps: readonly Step[]): Map<Value, Step> {
  const writers = new Map<Value, Step>()
  for (const step of steps) for (const use of step.outputs) if (use !== null) writers.set(use.value, step)
  return writers
}

/** Whether a value is computed from a result of `step`. */
export function dependsOn(value: Value, step: Step, writers: ReadonlyMap<Value, Step>): boolean {
  const seen = new Set<Step>()
  const pending = [value]
  while (pending.length > 0) {
    const writer = writers.get(pending.pop()!)
    if (writer === step) return true
    if (writer === undefined || seen.has(writer)) continue
    seen.add(writer)
    for (const use of writer.inputs) if (use !== null) pending.push(use.value)
  }
  return false
}

/**
 * Puts steps in an order in which every value is written before it is read, keeping the given order where it is one
 * already, and drops the steps that nothing needs. Throws when a value is needed to compute itself: a pass is at fault.
 */
export function sorted(graph: Graph): Graph {
  const writers = writersOf(graph.steps)
  const kept = keptValues(graph)
  const needed = new Set<Step>()
  const pending = [...kept]
  while (pending.length > 0) {
    const writer = writers.get(pending.pop()!)
    if (writer === undefined || needed.has(writer)) continue
    needed.add(writer)
    for (const use of writer.inputs) if (use !== null) pending.push(use.value)
  }

  const steps: Step[] = []
  const placed = new Set<Step>()
  const opened = new Set<Step>()
  for (const start of graph.steps) {
    if (!needed.has(start)) continue
    const stack = [start]
    while (stack.length > 0) {
      const step = stack[stack.length - 1]
      const open = placed.has(step)
        ? []
        : step.inputs.flatMap((use) => {
            const writer = use === null ? undefined : writers.get(use.value)
            return writer === undefined || placed.has(writer) ? [] : [writer]
          })
      if (open.length > 0) {
        // A step comes up again once its inputs are placed, unless it is one of its own inputs' inputs.
        if (opened.has(step)) throw new AlippeError('ALIPPE_ORDER', `${step.operation.name} needs its own result`)
        opened.add(step)
        stack.push(...open)
        continue
      }
      stack.pop()
      if (placed.has(step)) continue
      placed.add(step)
      steps.push(step)
    }
  }
  return { ...graph, steps }
}
