import type { KernelCall, Segment } from '../src/backend/index.ts'
import { readDoubles, referenceBackend, writeDoubles } from '../src/backend/reference/index.ts'
import { byteLength, ConfigError, sizeOf } from '../src/base/index.ts'
import { type Computation, type Plan, type PlanOptions, plan } from '../src/compiler/index.ts'

/** Numbers by name, with all the digits of f64. */
export type Doubles = Record<string, Float64Array>

export interface Evaluation {
  readonly outputs: Doubles
  /** Contents of each state after the run. */
  readonly states: Doubles
}

/** A plan loaded into the reference backend in double precision. */
export interface DoublesProgram {
  readonly plan: Plan
  run(inputs?: Readonly<Record<string, ArrayLike<number>>>): Promise<Evaluation>
}

/** Loads a computation so that no value is rounded to f32: what tests of laws compare with. States begin as given, else 0. */
export function doublesProgram(
  computation: Computation,
  options: PlanOptions = {},
  states: Readonly<Record<string, ArrayLike<number>>> = {},
): DoublesProgram {
  const made = plan(computation, options)
  const backend = referenceBackend({ double: true })
  const arena = backend.allocate(made.arenaBytes)
  const segments: Segment[] = [
    arena,
    ...made.states.map(({ shape, dtype }) => backend.allocate(byteLength(dtype, shape))),
  ]
  const stateRef = (i: number) => ({ segment: i + 1, offset: 0, ...made.states[i] })
  for (const [i, { name, shape }] of made.states.entries())
    writeDoubles(segments[i + 1], stateRef(i), states[name] ?? new Float64Array(sizeOf(shape)))
  for (const { to, values } of made.constants) writeDoubles(arena, to, values)
  const executable = backend.load(made.calls, segments)
  return {
    plan: made,
    async run(inputs = {}) {
      for (const [name, ref] of made.inputs) {
        if (inputs[name] === undefined) throw new ConfigError(`input ${name} was not given`)
        writeDoubles(arena, ref, inputs[name])
      }
      await executable.run()
      return {
        outputs: Object.fromEntries(
          [...made.outputs].map(([name, ref]) => [name, readDoubles(segments[ref.segment], ref)]),
        ),
        states: Object.fromEntries(made.states.map(({ name }, i) => [name, readDoubles(segments[i + 1], stateRef(i))])),
      }
    },
  }
}

/** The kernels of a plan, in order; element-by-element calls by how many results they have. */
export function kernelsOf(made: Plan): string[] {
  return made.calls.map((call: KernelCall) => call.kernel)
}
