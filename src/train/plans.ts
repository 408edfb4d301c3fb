import { byteLength } from '../base/index.ts'
import { type Computation, type Plan, type PlanOptions, plan } from '../compiler/index.ts'

/**
 * Plans of the programs of a step. What `memory` leaves beside all state, the other programs and `elsewhere` is for the
 * first, which holds the activations.
 *
 * @param elsewhere bytes of the run that are no program of a step
 * @throws ConfigError when the first does not fit
 */
export function stepPlans(
  [first, ...others]: readonly Computation[],
  { memory, ...options }: Omit<PlanOptions, 'memory'> & { readonly memory?: number },
  elsewhere: number,
): Plan[] {
  const { precision } = options
  const rest = others.map((each) => plan(each, { precision }))
  if (memory === undefined) return [plan(first, options), ...rest]
  const states = new Map(rest.flatMap((plan) => plan.states.map((each) => [each.name, each] as const)))
  let taken = elsewhere + rest.reduce((sum, { arenaBytes }) => sum + arenaBytes, 0)
  // What the first uses itself is counted where it is planned.
  if (states.size > 0) for (const { name } of plan(first, { precision }).states) states.delete(name)
  for (const { shape, dtype } of states.values()) taken += byteLength(dtype, shape)
  return [plan(first, { ...options, memory: memory - taken }), ...rest]
}
