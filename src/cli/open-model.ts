import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Backend } from '../backend/index.ts'
import { ConfigError } from '../base/index.ts'
import { createState } from '../compiler/index.ts'
import { modelFromConfig } from '../models/index.ts'
import { bestCheckpoint, latestCheckpoint, loadTensors, readJson } from '../node/index.ts'

/**
 * A model and its tokenizer: of a run (the newest checkpoint), of a checkpoint, or of any folder in the same layout.
 *
 * @param path `runs/x`, `runs/x/best` for its best checkpoint, or a folder with a config.json
 * @param options.best takes the checkpoint with the least validation loss
 * @throws ConfigError when the best is asked for and no checkpoint of the run was measured
 */
export async function openModel(path: string, backend: Backend, options: { readonly best?: boolean } = {}) {
  const folder = await modelFolder(path, options.best === true)
  const model = modelFromConfig(await readJson(join(folder, 'config.json')))
  const state = createState(backend)
  await loadTensors(join(folder, 'model.safetensors'), state, model.weights)
  const tokenizerText = await readFile(join(folder, 'tokenizer.json'), 'utf8').catch(() => {
    throw new ConfigError(`${folder}: there is no tokenizer.json beside the model`)
  })
  return { model, state, tokenizerText, folder }
}

async function modelFolder(path: string, best: boolean): Promise<string> {
  const newest = await latestCheckpoint(join(path, 'checkpoints'))
  if (newest !== undefined && !best) return newest
  const run = basename(path) === 'best' && newest === undefined ? dirname(path) : path
  const isRun = (await latestCheckpoint(join(run, 'checkpoints'))) !== undefined
  if (!best && (run === path || !isRun)) return path
  const found = await bestCheckpoint(join(run, 'checkpoints'))
  if (found !== undefined) return found
  throw new ConfigError(
    isRun
      ? `${run}: no checkpoint has a validation loss; leave out the best for the newest, or train with --evaluate-every`
      : `${run} is no folder of a run, so it has no best checkpoint`,
  )
}
