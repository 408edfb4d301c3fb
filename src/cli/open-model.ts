import type { Backend } from '../backend/index.ts'
import { ConfigError } from '../base/index.ts'
import { createState } from '../compiler/index.ts'
import { loadPlainWeights } from '../node/index.ts'
import { openArgument } from './model-argument.ts'

/**
 * A model and its tokenizer: of a run (the newest checkpoint), of a checkpoint, of any folder in the same layout, or of a file
 * that holds both.
 *
 * @param path `runs/x`, `runs/x/best` for its best checkpoint, or whatever else `modelArgument` says
 * @param options.best takes the checkpoint with the least validation loss
 * @throws ConfigError when the best is asked for and no checkpoint of the run was measured
 */
export async function openModel(path: string, backend: Backend, options: { readonly best?: boolean } = {}) {
  const source = await openArgument(path, options)
  const { model, tokenizerText, chatTemplate } = source
  if (tokenizerText === undefined) {
    source.close()
    throw new ConfigError(`${path}: there is no tokenizer.json beside the model`)
  }
  const state = createState(backend)
  await loadPlainWeights(source, state)
  source.close()
  return { model, state, tokenizerText, chatTemplate, folder: source.path }
}
