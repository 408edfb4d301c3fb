import type { Backend } from '../backend/index.ts'
import { ConfigError, type DType } from '../base/index.ts'
import { createState } from '../compiler/index.ts'
import { loadWeights } from '../node/index.ts'
import { openArgument } from './model-argument.ts'

export interface OpenModelFlags {
  /** Takes the checkpoint with the least validation loss. */
  readonly best?: boolean
  /** Which dtypes weights stay in; others become f32, and none stays when not given. */
  readonly keep?: (dtype: DType) => boolean
}

/**
 * A model and its tokenizer: of a run (the newest checkpoint), of a checkpoint, of any folder in the same layout, or of a file
 * that holds both.
 *
 * @param path `runs/x`, `runs/x/best` for its best checkpoint, or whatever else `modelArgument` says
 * @returns also `stored`: how the state holds the weights, for programs that read them
 * @throws ConfigError when the best is asked for and no checkpoint of the run was measured
 */
export async function openModel(path: string, backend: Backend, options: OpenModelFlags = {}) {
  const source = await openArgument(path, options)
  try {
    const { model, tokenizerText, chatTemplate, specials } = source
    if (tokenizerText === undefined) throw new ConfigError(`${path}: there is no tokenizer.json beside the model`)
    const state = createState(backend)
    const stored = await loadWeights(source, state, options.keep ?? (() => false))
    return { model, state, stored, tokenizerText, chatTemplate, specials, folder: source.path }
  } finally {
    source.close()
  }
}

/** The same with the weights as they are stored, packed ones among them: to run the model, not to train it. */
export function openStoredModel(path: string, backend: Backend, options: { readonly best?: boolean } = {}) {
  return openModel(path, backend, { ...options, keep: () => true })
}
