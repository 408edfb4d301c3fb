import { type State, writeRows } from '../compiler/index.ts'
import { plainWeight } from './make-source.ts'
import type { ModelSource } from './model-source.ts'

/**
 * Fills a state with a source's weights as they are stored: names are the model's, dtypes and transposes those of `stored`.
 *
 * Cost: one pass over the bytes; what is mapped is not copied on the way.
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
 * const again = createState(backend)
 * await loadWeights(await openModelSource('published'), again)
 * again.places.size // 11
 */
export async function loadWeights(source: ModelSource, state: State): Promise<void> {
  const { model, stored } = source
  const names = Object.keys(model.weights)
  state.ensure(
    names.map((name) => {
      const { shape } = model.weights[name]
      const { dtype = 'f32', transposed = false } = stored[name] ?? {}
      return { name, shape: transposed ? shape.toReversed() : shape, dtype }
    }),
  )
  for (const name of names) await writeRows(state, name, source.bytes(name))
}

/**
 * Fills a state with a source's weights in f32, in the shapes that the model means: for training, and for comparisons.
 *
 * Cost: 4 bytes of memory a weight, and two copies of the largest matrix on the way.
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
 * const again = createState(backend)
 * await loadPlainWeights(await openModelSource('published'), again)
 * again.places.get('model.norm.weight').dtype // 'f32'
 */
export async function loadPlainWeights(source: ModelSource, state: State): Promise<void> {
  const specs = Object.entries(source.model.weights)
  state.ensure(specs.map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
  for (const [name] of specs) {
    const values = plainWeight(source, name)
    state.write(name, values)
  }
}
