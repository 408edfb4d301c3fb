import { type DType, type Shape, sizeOf } from '../base/index.ts'
import { full, randomNormal, state, type Tensor, transpose } from '../tensor/index.ts'

/** How a weight begins. */
export type Initial =
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number }

/**
 * What a weight does in its model, as far as optimizers ask: `hidden` matrices turn features into features; an `embedding`
 * gives features to ids or positions, and reads them out too where it is tied; a `head` reads them out alone; a `vector` is a
 * gain or a bias; `readout` vectors are those of the last norm, which say how large the features are that are read out.
 */
export type WeightRole = 'hidden' | 'embedding' | 'head' | 'vector' | 'readout'

/** Factors of the learning rate, by what size an optimizer's steps have. */
export interface StepRates {
  /** As large as the gradient: SGD. */
  readonly gradient: number
  /** Elements near 1: AdamW, Lion. */
  readonly elements: number
  /** Singular values near each other: Muon. */
  readonly spectrum: number
}

/** One weight of a model: its shape, how it begins, and what optimizers need to know of it. */
export interface WeightSpec {
  readonly shape: Shape
  readonly initial: Initial
  /** Whether weight decay pulls it to zero. Matrices decay; gains, biases and other vectors do not. */
  readonly decays: boolean
  readonly role: WeightRole
  /** Matrices that lie side by side in it, cut along the last axis; 1 when not given. */
  readonly parts?: number
  /** The learning rate that it wants, relative to others; 1 when not given. */
  readonly rate?: StepRates
}

/** The weights of a model by name; names are those of published checkpoints. */
export type WeightSpecs = Readonly<Record<string, WeightSpec>>

/** Weights as tensors of a graph. */
export type Weights = Readonly<Record<string, Tensor>>

/** A matrix that starts with normal numbers. */
export function matrix(shape: Shape, deviation: number, role: 'hidden' | 'embedding' | 'head' = 'hidden'): WeightSpec {
  return { shape, initial: { kind: 'normal', deviation }, decays: true, role }
}

/** A vector that starts with one number everywhere: 1 for gains, 0 for biases. */
export function vector(size: number, value: number, role: 'vector' | 'readout' = 'vector'): WeightSpec {
  return { shape: [size], initial: { kind: 'constant', value }, decays: false, role }
}

/** How a weight lies in state memory, where that is not f32 in its own shape. */
export interface StoredWeight {
  readonly dtype: DType
  /** Whether the state holds the transpose: rows of a packed matrix are what a product sums over. */
  readonly transposed?: boolean
}

/** Weights that are stored otherwise, by name. */
export type StoredWeights = Readonly<Record<string, StoredWeight>>

/** The shape that a weight has in state memory and in files, whose model means `shape`. @example storedShape([2, 3], { transposed: true }) // [3, 2] */
export function storedShape(shape: Shape, stored: Pick<StoredWeight, 'transposed'> | undefined): Shape {
  return stored?.transposed ? shape.toReversed() : shape
}

/** The weights that live in state memory under their own names, or under these after a prefix. */
export function stateWeights(specs: WeightSpecs, stored: StoredWeights = {}, prefix = ''): Weights {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const { dtype = 'f32', transposed = false } = stored[name] ?? {}
      const held = state(prefix + name, storedShape(shape, stored[name]), dtype)
      return [name, transposed ? transpose(held) : held]
    }),
  )
}

/**
 * Updates that give every weight its first value. The same seed gives the same numbers; weight i draws from stream i.
 *
 * @returns pairs for the `updates` of a computation
 */
export function initialUpdates(specs: WeightSpecs, seed: number): [Tensor, Tensor][] {
  return Object.entries(specs).map(([name, { shape, initial }], stream) => [
    state(name, shape),
    initial.kind === 'normal'
      ? randomNormal(shape, { seed, stream }, 0, initial.deviation)
      : full(shape, initial.value),
  ])
}

/** The weights whose names begin with `prefix.`, under the rest of their names. */
export function within(weights: Weights, prefix: string): Weights {
  const start = `${prefix}.`
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, w]) => (name.startsWith(start) ? [[name.slice(start.length), w]] : [])),
  )
}

/** How many numbers the weights hold. */
export function parameterCount(specs: WeightSpecs): number {
  return Object.values(specs).reduce((total, { shape }) => total + sizeOf(shape), 0)
}
