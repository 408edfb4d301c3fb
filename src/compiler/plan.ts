import type { Attribute, BufferRef, KernelCall } from '../backend/index.ts'
import { byteLength, ConfigError, type DType, type Shape } from '../base/index.ts'
import { type ArenaBytes, arenaBytes } from './arena-bytes.ts'
import { fitting, forgottenBy, type Recompute, secondTimes } from './choose-recompute.ts'
import { fuseElementwise } from './fuse-elementwise.ts'
import { fuseEpilogues } from './fuse-epilogues.ts'
import { keepOldState } from './keep-old-state.ts'
import { type Computation, lower } from './lower.ts'
import { mergeCrossEntropy, mergePads, mergeScatterAdd } from './merge.ts'
import { narrowed } from './narrow.ts'
import { placeValues } from './place.ts'
import { recomputed } from './recompute.ts'
import { type Graph, type Step, sorted, type Use, type Value } from './step.ts'

/** A named place that programs share: a weight, a moment of an optimizer. */
export interface StateSpec {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
}

/**
 * A program as data: everything that is known of a run before it begins. Buffers refer to segment 0, the program's own
 * arena, or to segment i + 1, which stands for `states[i]`.
 */
export interface Plan {
  readonly calls: readonly KernelCall[]
  readonly inputs: ReadonlyMap<string, BufferRef>
  readonly outputs: ReadonlyMap<string, BufferRef>
  readonly constants: readonly { readonly to: BufferRef; readonly values: ArrayLike<number> }[]
  readonly states: readonly StateSpec[]
  /** Bytes of the program's own arena. */
  readonly arenaBytes: number
  /** What the arena holds when it is fullest. */
  readonly arena: ArenaBytes
  /** Kernels whose results were forgotten and are computed again for the gradients, with their places in the model. */
  readonly recomputed: readonly string[]
  /** Floating-point operations that this costs. */
  readonly recomputedFlops: number
  /** Bytes of the state it uses. */
  readonly stateBytes: number
  /** Floating-point operations of one run, and of each call. */
  readonly flops: number
  readonly callFlops: readonly number[]
  /** Bytes that the calls of one run read and write. */
  readonly bytesMoved: number
}

export interface PlanOptions {
  /** How matrix products multiply: f32, or bf16 operands with f32 accumulation. */
  readonly precision?: 'f32' | 'bf16'
  /** Whether neighbours are joined into single calls; off only to look at what joining changes. */
  readonly fuse?: boolean
  /** Whether a bf16 program stores as bf16 what all its readers round; off only to see that no bit depends on it. */
  readonly narrow?: boolean
  /** What the forward forgets and the backward computes again; `none` when not given. */
  readonly recompute?: Recompute
  /** Bytes that the arena and the state may take together: the compiler forgets what costs least. `least`: as few as it can. */
  readonly memory?: number | 'least'
}

/**
 * Compiles a computation: joins equal and neighbouring steps, orders them, and gives every value its place.
 *
 * @example
 * plan({ outputs: { y: add(input('x', [3]), 1) } }).calls.length // 1
 */
export function plan(computation: Computation, options: PlanOptions = {}): Plan {
  const { precision = 'f32', fuse = true, narrow = true } = options
  const lowered = mergePads(mergeScatterAdd(mergeCrossEntropy(sorted(lower(computation)))))
  const fused = fuseElementwise(fuse ? fuseEpilogues(lowered) : lowered, fuse)
  const whole = keepOldState(narrow && precision === 'bf16' ? narrowed(fused) : fused)
  const graph = forgetting(whole, options)
  const again = secondTimes(whole, graph)
  const placement = placeValues(graph)
  const segments = new Map<Value, number>()
  const segmentOf = (state: Value) => {
    const segment = segments.get(state) ?? segments.size + 1
    segments.set(state, segment)
    return segment
  }
  const refOf = (use: Use): BufferRef => {
    const state = placement.states.get(use.value)
    return {
      segment: state === undefined ? 0 : segmentOf(state),
      offset: state === undefined ? placement.work.get(use.value)! : 0,
      shape: use.shape,
      dtype: use.value.dtype,
    }
  }
  const copies = placement.copies.map(({ from, to }): KernelCall => {
    const target = { segment: segmentOf(to), offset: 0, shape: to.shape, dtype: to.dtype }
    return {
      kernel: 'elementwise',
      inputs: [{ ...refOf(from), shape: to.shape }],
      outputs: [target],
      attributes: [[], [0]],
    }
  })
  const calls = [...graph.steps.map((step) => callOf(step, refOf, precision)), ...copies]

  const inputs = new Map<string, BufferRef>()
  const constants: { to: BufferRef; values: ArrayLike<number> }[] = []
  for (const value of placement.work.keys()) {
    if (value.source?.kind === 'input') inputs.set(value.source.name, refOf({ value, shape: value.shape }))
    if (value.source?.kind === 'constant')
      constants.push({ to: refOf({ value, shape: value.shape }), values: value.source.values })
  }
  const outputs = new Map([...graph.results].map(([name, use]) => [name, refOf(use)]))
  const states = [...segments.keys()]
  const callFlops = [...graph.steps.map((step) => step.flops), ...copies.map(() => 0)]
  return {
    calls,
    inputs,
    outputs,
    constants,
    states: states.map(({ source, shape, dtype }) => ({ name: (source as { name: string }).name, shape, dtype })),
    arenaBytes: placement.workBytes,
    arena: arenaBytes(graph, placement),
    recomputed: again.map(({ origin, operation }) => `${origin.scope}${origin.scope && '.'}${operation.name}`),
    recomputedFlops: again.reduce((total, { flops }) => total + flops, 0),
    stateBytes: states.reduce((total, { shape, dtype }) => total + byteLength(dtype, shape), 0),
    flops: callFlops.reduce((total, flops) => total + flops, 0),
    callFlops,
    bytesMoved: calls.reduce((total, call) => total + bytesMovedBy(call), 0),
  }
}

/** The graph with what `recompute` or `memory` asks for. */
function forgetting(graph: Graph, { recompute = 'none', memory }: PlanOptions): Graph {
  if (memory === undefined) return recomputed(graph, forgottenBy(graph, recompute))
  if (recompute !== 'none')
    throw new ConfigError(`recompute is ${recompute}, but with memory the compiler chooses: give one of them`)
  const states = new Set(graph.updates.map(({ state }) => state))
  for (const { inputs } of graph.steps)
    for (const use of inputs) if (use?.value.source?.kind === 'state') states.add(use.value)
  const stateBytes = [...states].reduce((total, { shape, dtype }) => total + byteLength(dtype, shape), 0)
  return fitting(graph, memory, stateBytes)
}

function callOf(step: Step, refOf: (use: Use) => BufferRef, precision: 'f32' | 'bf16'): KernelCall {
  const { operation, attributes } = step
  return {
    kernel: operation.name,
    inputs: step.inputs.map((use) => use && refOf(use)),
    outputs: step.outputs.map((use) => use && refOf(use)),
    attributes: operation.attributes.map((name): Attribute => {
      if (name === 'precision') return precision === 'bf16' ? 1 : 0
      return attributes[name] ?? 0
    }),
  }
}

/**
 * Bytes that a call reads and writes when each buffer passes through once.
 *
 * @example
 * bytesMovedBy(plan({ outputs: { y: add(input('x', [3]), 1) } }).calls[0]) // 24; 12 in, 12 out
 */
export function bytesMovedBy(call: KernelCall): number {
  let bytes = 0
  for (const ref of [...call.inputs, ...call.outputs]) if (ref !== null) bytes += byteLength(ref.dtype, ref.shape)
  return bytes
}
