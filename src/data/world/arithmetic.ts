import type { Entity } from './entity.ts'
import { number, quantity } from './entity.ts'
import type { Environment } from './template.ts'
import { follow } from './template.ts'

/** An entity that follows from others: the slots it needs, and how. */
export interface Computed {
  readonly uses: readonly string[]
  /** The facts that it tells: `g.price`. */
  readonly tells: readonly string[]
  readonly value: (environment: Environment) => Entity
}

/** What follows from the entities at some paths. @param tells facts of theirs that show, beside the paths themselves */
export function computed(
  paths: readonly string[],
  value: (...of: Entity[]) => Entity,
  tells: readonly string[] = [],
): Computed {
  const steps = paths.map((path) => path.split('.'))
  return {
    uses: steps.map(([slot]) => slot),
    tells: [...paths.filter((path) => path.includes('.')), ...tells],
    value: (environment) => value(...steps.map(([slot, ...path]) => follow(environment[slot], path))),
  }
}

/** Each takes two paths: `plus('g.price', 'h.price')`. */
export const plus = (a: string, b: string) => computed([a, b], (a, b) => number(quantity(a) + quantity(b)))
export const minus = (a: string, b: string) => computed([a, b], (a, b) => number(quantity(a) - quantity(b)))
export const over = (a: string, b: string) => computed([a, b], (a, b) => number(Math.floor(quantity(a) / quantity(b))))
export const times = (a: string, b: string) => computed([a, b], (a, b) => number(quantity(a) * quantity(b)))

const isOlder = (x: Entity, y: Entity) => quantity(x.is.age) > quantity(y.is.age)

/** The older and the younger of two people of different age. */
export const elder = (x: string, y: string) =>
  computed([x, y], (x, y) => (isOlder(x, y) ? x : y), [`${x}.age`, `${y}.age`])
export const junior = (x: string, y: string) =>
  computed([x, y], (x, y) => (isOlder(x, y) ? y : x), [`${x}.age`, `${y}.age`])
