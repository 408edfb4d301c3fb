import { basename, dirname, join } from 'node:path'
import { ConfigError } from '../base/index.ts'
import { bestCheckpoint, latestCheckpoint } from './checkpoint.ts'

/**
 * The folder that holds a model: of a run the newest checkpoint, or the best one; of anything else itself.
 *
 * @param path `runs/x`, `runs/x/best`, a checkpoint, or any other folder
 * @param best takes the checkpoint with the least validation loss
 * @throws ConfigError when the best is asked for and no checkpoint of the run was measured
 */
export async function modelFolder(path: string, best: boolean): Promise<string> {
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
