import { byteLength, sameShape } from '../base/index.ts'
import { elementwiseOperation } from './elementwise.ts'
import { type Lifetime, layout } from './memory.ts'
import type { Graph, Step, Use, Value } from './step.ts'

/** Where a value lives. State has a segment of its own, which programs share; the rest is in the program's own arena. */
export interface Place {
  readonly segment: 'state' | 'work'
  readonly offset: number
}

/** A value with memory of its own in the work segment, which others may take over. */
export interface Resident extends Lifetime {
  readonly value: Value
}

export interface Placement {
  /** Places in the work segment; state is placed by the program's state. */
  readonly work: ReadonlyMap<Value, number>
  /** Values that live in the memory of a state: the state itself, and new contents that are written over it. */
  readonly states: ReadonlyMap<Value, Value>
  readonly workBytes: number
  /** Everything that takes room in the work segment, and from which step to which. */
  readonly residents: readonly Resident[]
  /** Updates that could not be computed in place and are copied at the end. */
  readonly copies: readonly { readonly from: Use; readonly to: Value }[]
}

const bytesOfValue = ({ shape, dtype }: Value) => byteLength(dtype, shape)

/**
 * Gives every value its place. A result takes over the memory of an input where the kernel allows it and nobody needs the
 * input afterwards; new contents of a state take over the state's, by such a kernel or once nobody needs the old ones.
 */
export function placeValues({ steps, results, updates }: Graph): Placement {
  const end = steps.length
  const first = new Map<Value, number>()
  // The last step that needs the bytes of a value, or of one that shares its memory.
  const until = new Map<Value, number>()
  steps.forEach((step, at) => {
    for (const use of step.inputs) if (use !== null) until.set(use.value, at)
    for (const use of step.outputs) {
      if (use === null) continue
      first.set(use.value, at)
      until.set(use.value, at)
    }
  })
  for (const { value } of results.values()) until.set(value, end)

  // `home` is the value whose memory another one shares.
  const home = new Map<Value, Value>()
  const homeOf = (value: Value): Value => home.get(value) ?? value
  const share = (value: Value, target: Value) => {
    home.set(value, target)
    until.set(target, Math.max(until.get(target) ?? -1, until.get(value)!))
  }
  const newContents = new Map(updates.map((update) => [update.value.value, update.state]))

  const mayTakeOver = (step: Step, at: number, output: Value, input: Value): boolean => {
    if (!sameMemory(input, output) || newContents.has(input)) return false
    const target = homeOf(input)
    if (until.get(target)! > at) return false
    if (step.inputs.filter((use) => use !== null && homeOf(use.value) === target).length > 1) return false
    const state = newContents.get(output)
    return state === undefined ? target.source === undefined : state === target && sameMemory(output, target)
  }

  steps.forEach((step, at) => {
    const taken = new Set<Value>()
    step.outputs.forEach((output, o) => {
      if (output === null) return
      const { value } = output
      for (const i of inPlaceInputs(step, o)) {
        const input = step.inputs[i]
        if (!input || taken.has(homeOf(input.value)) || !mayTakeOver(step, at, value, input.value)) continue
        taken.add(homeOf(input.value))
        share(value, homeOf(input.value))
        break
      }
      const state = newContents.get(value)
      if (state === undefined || !sameMemory(state, value)) return
      if (homeOf(value) !== state && (until.get(state) ?? -1) < at) share(value, state)
    })
  })
  const copies: { from: Use; to: Value }[] = []
  for (const { state, value } of updates) {
    if (homeOf(value.value) === state) continue
    copies.push({ from: value, to: state })
    until.set(homeOf(value.value), end)
  }
  const states = new Map<Value, Value>()

  const residents: Resident[] = []
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
    residents.push({
      value,
      bytes: bytesOfValue(value),
      // Inputs are written before a run and constants once, so neither may share memory with anything earlier.
      first: given ? -1 : first.get(value)!,
      last: value.source?.kind === 'constant' ? end : until.get(value)!,
    })
  }
  const { offsets, bytes } = layout(residents)
  const work = new Map(residents.map(({ value }, i) => [value, offsets[i]]))
  for (const value of all) if (!states.has(value)) work.set(value, work.get(homeOf(value))!)
  return { work, states, workBytes: bytes, residents, copies }
}

const sameMemory = (a: Value, b: Value) => a.dtype === b.dtype && bytesOfValue(a) === bytesOfValue(b)

/** Inputs whose memory output `o` may take over. */
function inPlaceInputs(step: Step, o: number): number[] {
  if (step.operation !== elementwiseOperation)
    return step.operation.inPlace.filter(([output]) => output === o).map(([, i]) => i)
  const shape = step.outputs[o]!.shape
  return step.inputs.flatMap((use, i) => (use !== null && sameShape(use.shape, shape) ? [i] : []))
}
