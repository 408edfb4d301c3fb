import type { Backend, BufferRef, KernelCall, Segment } from '../backend/index.ts'
import {
  byteLength,
  ConfigError,
  type Elements,
  elementsOver,
  newElements,
  ShapeError,
  shapeText,
  sizeOf,
  toBf16Bits,
} from '../base/index.ts'
import type { Computation } from './lower.ts'
import { type Plan, type PlanOptions, plan } from './plan.ts'
import { createState, type State } from './state.ts'

/** A compiled computation in backend memory, ready to run any number of times. A run allocates nothing. */
export interface Program {
  readonly plan: Plan
  /**
   * Runs once. Every input must be given; every output is copied out.
   *
   * @param timings one entry a call, filled with nanoseconds when given
   * @param into memory of the caller's for outputs, by name, of their size in bytes; new memory where it gives none
   */
  run(
    inputs?: Readonly<Record<string, ArrayLike<number>>>,
    timings?: Float64Array,
    into?: Readonly<Record<string, Uint8Array>>,
  ): Promise<Record<string, Elements>>
  release(): void
}

export interface CompileOptions extends PlanOptions {
  readonly backend: Backend
  /** What the program shares with others; an empty one of its own when not given. */
  readonly state?: State
}

/**
 * Compiles a computation and loads it into a backend.
 *
 * @example
 * const program = compile({ outputs: { y: multiply(input('x', [2]), 3) } }, { backend: referenceBackend() })
 * const { y } = await program.run({ x: [1, 2] })
 * y // [3, 6]
 */
export function compile(computation: Computation, { backend, state, ...options }: CompileOptions): Program {
  const own = state ?? createState(backend)
  const program = load(plan(computation, options), own)
  if (state !== undefined) return program
  const release = () => {
    program.release()
    own.release()
  }
  return { ...program, release }
}

/**
 * Loads a plan into the backend of `state`.
 *
 * @example
 * const program = load(plan({ outputs: { y: add(input('x', [1]), 1) } }), createState(referenceBackend()))
 * const { y } = await program.run({ x: [2] })
 * y // [3]
 */
export function load(plan: Plan, state: State): Program {
  const { backend } = state
  const unknown = plan.calls.find((call) => !backend.kernels.has(call.kernel))
  if (unknown !== undefined) throw new ConfigError(`the ${backend.name} backend has no kernel ${unknown.kernel}`)
  state.ensure(plan.states)
  const arena = backend.allocate(Math.max(plan.arenaBytes, 1))

  // Plans number states one by one; a state's segments hold many.
  const segments: Segment[] = [arena]
  const places = plan.states.map(({ name }) => {
    const { segment, offset } = state.places.get(name)!
    if (!segments.includes(segment)) segments.push(segment)
    return { segment: segments.indexOf(segment), offset }
  })
  const resolve = (ref: BufferRef | null): BufferRef | null =>
    ref === null || ref.segment === 0 ? ref : { ...ref, ...places[ref.segment - 1] }
  const calls = plan.calls.map(
    (call): KernelCall => ({ ...call, inputs: call.inputs.map(resolve), outputs: call.outputs.map(resolve) }),
  )
  const executable = backend.load(calls, segments)
  for (const { to, values } of plan.constants) stagingOf('constant', to).write(arena, values)
  const staging = [...plan.inputs].map(([name, ref]) => stagingOf(name, ref))

  return {
    plan,
    async run(inputs = {}, timings, into = {}) {
      for (const each of staging) each.write(arena, inputs[each.name])
      await executable.run(timings)
      const outputs: Record<string, Elements> = {}
      for (const [name, ref] of plan.outputs) {
        const { segment, offset, shape, dtype } = resolve(ref)!
        const bytes = await segments[segment].read(offset, byteLength(dtype, shape), into[name])
        outputs[name] = elementsOver(dtype, shape, bytes.buffer, bytes.byteOffset)
      }
      return outputs
    },
    release() {
      executable.release()
      arena.release()
    },
  }
}

/**
 * On the way to a place in memory: numbers in the dtype of the place. Their memory is taken at the first run, since a
 * program may be loaded only to be looked at, and used by all later ones, so that a run leaves nothing behind.
 */
interface Staging {
  readonly name: string
  /** @throws ConfigError without values, ShapeError when they are too few or too many */
  write(segment: Segment, values: ArrayLike<number> | undefined): void
}

function stagingOf(name: string, { offset, shape, dtype }: BufferRef): Staging {
  const count = sizeOf(shape)
  let elements: Elements | undefined
  let bytes: Uint8Array | undefined
  return {
    name,
    write(segment, values) {
      if (values === undefined) throw new ConfigError(`input ${name} ${shapeText(shape)} was not given`)
      if (values.length !== count)
        throw new ShapeError('run', `${name} is ${shapeText(shape)}, which is ${count} numbers, got ${values.length}`)
      elements ??= newElements(dtype, shape)
      bytes ??= new Uint8Array(elements.buffer)
      if (dtype === 'bf16') for (let i = 0; i < count; i++) elements[i] = toBf16Bits(values[i])
      else elements.set(values)
      segment.write(offset, bytes)
    },
  }
}
