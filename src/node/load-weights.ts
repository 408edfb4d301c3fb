import type { DType } from '../base/index.ts'
import { type State, writeRows } from '../compiler/index.ts'
import { type StoredWeight, type StoredWeights, storedShape } from '../nn/index.ts'
import { plainWeight } from './make-source.ts'
import type { ModelSource } from './model-source.ts'

/**
 * Fills a state with a source's weights as they are stored: names are the model's, dtypes and transposes those of `stored`.
 *
 * @param keep which dtypes stay as they are; others become f32 in the shape that the model means. All stay when not given.
 * @returns how the state holds them: what `stateWeights` and programs want to know
 * Cost: one pass over the bytes; what is mapped is not copied on the way.
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
 * const again = createState(backend)
 * const stored = await loadWeights(await openModelSource('published'), again)
 * again.places.size // 11
 * stored // {}
 */
export async function loadWeights(
  source: ModelSource,
  state: State,
  keep: (dtype: DType) => boolean = () => true,
): Promise<StoredWeights> {
  const { model } = source
  const stored: Record<string, StoredWeight> = {}
  for (const [name, weight] of Object.entries(source.stored)) if (keep(weight.dtype)) stored[name] = weight
  const names = Object.keys(model.weights)
  state.ensure(
    names.map((name) => {
      const { dtype = 'f32' } = stored[name] ?? {}
      return { name, shape: storedShape(model.weights[name].shape, stored[name]), dtype }
    }),
  )
  for (const name of names) {
    const isKept = name in stored || !(name in source.stored)
    if (isKept) await writeRows(state, name, source.bytes(name))
    else state.write(name, plainWeight(source, name))
  }
  return stored
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
  await loadWeights(source, state, () => false)
}
