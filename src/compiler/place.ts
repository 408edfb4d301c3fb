import { bytesOf, sameShape, sizeOf } from '../base/index.ts'
import { elementwiseOperation } from './elementwise.ts'
import { type Lifetime, layout } from './memory.ts'
import type { Graph, Step, Use, Value } from './step.ts'

/** Where a value lives. State has a segment of its own, which programs share; the rest is in the program's own arena. */
export interface Place {
  readonly segment: 'state' | 'work'
  readonly offset: number
}

export interface Placement {
  /** Places in the work segment; state is placed by the program's state. */
  readonly work: ReadonlyMap<Value, number>
  /** Values that live in the memory of a state: the state itself, and new contents that are written over it. */
  readonly states: ReadonlyMap<Value, Value>
  readonly workBytes: number
  /** Updates that could not be computed in place and are copied at the end. */
  readonly copies: readonly { readonly from: Use; readonly to: Value }[]
}

const bytesOfValue = ({ shape, dtype }: Value) => sizeOf(shape) * bytesOf(dtype)

/**
 * Gives every value its place. A result takes over the memory of an input where the kernel allows it and nobody needs the
 * input afterwards; new contents of a state take over the state's.
 */
export function placeValues({ steps, results, updates }: Graph): Placement {
  const end = steps.length
  const last = new Map<Value, number>()
  const first = new Map<Value, number>()
  const held = new Set<Value>()
  steps.forEach((step, at) => {
    for (const use of step.inputs) if (use !== null) last.set(use.value, at)
    for (const use of step.outputs) {
      if (use === null) continue
      first.set(use.value, at)
      if (!last.has(use.value)) last.set(use.value, at)
    }
  })
  for (const { value } of results.values()) held.add(value)

  // `home` is the value whose memory another one shares.
  const home = new Map<Value, Value>()
  const homeOf = (value: Value): Value => home.get(value) ?? value
  const copies: { from: Use; to: Value }[] = []
  const newContents = new Map(updates.map((update) => [update.value.value, update]))
  const states = new Map<Value, Value>()

  const mayTakeOver = (step: Step, at: number, output: Use, input: Use | null | undefined): input is Use => {
    if (!input || input.value.dtype !== output.value.dtype || bytesOfValue(input.value) !== bytesOfValue(output.value))
      return false
    if (step.inputs.filter((use) => use !== null && homeOf(use.value) === homeOf(input.value)).length > 1) return false
    return lastUse(homeOf(input.value)) <= at
  }
  // A home is used until the last of those who share it.
  const sharers = new Map<Value, Value[]>()
  const lastUse = (value: Value): number =>
    Math.max(
      ...[value, ...(sharers.get(value) ?? [])].map((v) =>
        held.has(v) ? Number.POSITIVE_INFINITY : (last.get(v) ?? -1),
      ),
    )

  steps.forEach((step, at) => {
    const taken = new Set<Value>()
    step.outputs.forEach((output, o) => {
      if (output === null) return
      const update = newContents.get(output.value)
      for (const i of inPlaceInputs(step, o)) {
        const input = step.inputs[i]
        if (!mayTakeOver(step, at, output, input)) continue
        const target = homeOf(input.value)
        if (taken.has(target) || newContents.has(input.value)) continue
        const isState = target.source?.kind === 'state'
        if (isState ? update?.state !== target || !sizeEqual(update.value.value, target) : target.source !== undefined)
          continue
        if (update !== undefined && !isState) continue
        taken.add(target)
        home.set(output.value, target)
        sharers.set(target, [...(sharers.get(target) ?? []), output.value])
        break
      }
    })
  })
  for (const { state, value } of updates) {
    if (homeOf(value.value) !== state) {
      copies.push({ from: value, to: state })
      held.add(value.value)
    }
  }

  const lifetimes: Lifetime[] = []
  const owners: Value[] = []
  const all = new Set<Value>([...results.values()].map((use) => use.value))
  for (const step of steps) for (const use of [...step.inputs, ...step.outputs]) if (use !== null) all.add(use.value)
  for (const { value } of copies.map((copy) => copy.from)) all.add(value)
  for (const value of all) {
    const target = homeOf(value)
    if (target.source?.kind === 'state') {
      states.set(value, target)
      continue
    }
    if (target !== value) continue
    const given = value.source !== undefined
    const until = lastUse(value)
    owners.push(value)
    lifetimes.push({
      bytes: bytesOfValue(value),
      // Inputs are written before a run and constants once, so neither may share memory with anything earlier.
      first: given ? -1 : first.get(value)!,
      last: value.source?.kind === 'constant' || until === Number.POSITIVE_INFINITY ? end : until,
    })
  }
  const { offsets, bytes } = layout(lifetimes)
  const work = new Map(owners.map((value, i) => [value, offsets[i]]))
  for (const value of all) if (!states.has(value)) work.set(value, work.get(homeOf(value))!)
  return { work, states, workBytes: bytes, copies }
}

const sizeEqual = (a: Value, b: Value) => bytesOfValue(a) === bytesOfValue(b)

/** Inputs whose memory output `o` may take over. */
function inPlaceInputs(step: Step, o: number): number[] {
  if (step.operation !== elementwiseOperation)
    return step.operation.inPlace.filter(([output]) => output === o).map(([, i]) => i)
  const shape = step.outputs[o]!.shape
  return step.inputs.flatMap((use, i) => (use !== null && sameShape(use.shape, shape) ? [i] : []))
}
