import type { Entity } from './entity.ts'
import { number, quantity } from './entity.ts'
import type { Environment } from './template.ts'
import { follow } from './template.ts'

/** An entity that follows from others: the slots it needs, and how. */
export interface Computed {
  readonly uses: readonly string[]
  readonly value: (environment: Environment) => Entity
}

function computed(paths: readonly string[], value: (...of: Entity[]) => Entity): Computed {
  const steps = paths.map((path) => path.split('.'))
  return {
    uses: steps.map(([slot]) => slot),
    value: (environment) => value(...steps.map(([slot, ...path]) => follow(environment[slot], path))),
  }
}

/** Each takes two paths: `plus('g.price', 'h.price')`. */
export const plus = (a: string, b: string) => computed([a, b], (a, b) => number(quantity(a) + quantity(b)))
export const minus = (a: string, b: string) => computed([a, b], (a, b) => number(quantity(a) - quantity(b)))
export const times = (a: string, b: string) => computed([a, b], (a, b) => number(quantity(a) * quantity(b)))

const isOlder = (x: Entity, y: Entity) => quantity(x.is.age) > quantity(y.is.age)

/** The older and the younger of two people of different age. */
export const elder = (x: string, y: string) => computed([x, y], (x, y) => (isOlder(x, y) ? x : y))
export const junior = (x: string, y: string) => computed([x, y], (x, y) => (isOlder(x, y) ? y : x))
