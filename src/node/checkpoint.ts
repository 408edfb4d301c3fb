import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from '../base/index.ts'
import { makeFolder, writeAtomically } from './files.ts'
import { makeFolderAtomically, removeFolder } from './folders.ts'
import { saveTensors, type Tensors } from './tensors-file.ts'

/** A checkpoint on disk: a folder in Hugging Face's layout, with what a run needs to go on beside it. */
export interface CheckpointContents {
  readonly tensors: Tensors
  readonly weights: readonly string[]
  readonly optimizerStates: readonly string[]
  /** Where the run stands, as JSON: step, place in the data, … */
  readonly position: CheckpointPosition
  /** More files, by name: config.json, tokenizer.json. */
  readonly files: Readonly<Record<string, string>>
}

/** What state.json says of every checkpoint; runs add what they need to go on. */
export interface CheckpointPosition {
  readonly step: number
  /** Loss on the validation tokens after that step, where it was measured. */
  readonly validationNats?: number
}

const encode = (text: string) => new TextEncoder().encode(text)
const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Where the checkpoint of a step lies: `folder/000200`. */
export const checkpointPath = (folder: string, step: number) => join(folder, String(step).padStart(6, '0'))

/** Writes `folder/000200`, whole or not at all; returns its path. */
export async function saveCheckpoint(folder: string, contents: CheckpointContents): Promise<string> {
  const { tensors, weights, optimizerStates, position, files } = contents
  await makeFolder(folder)
  const path = checkpointPath(folder, position.step)
  await makeFolderAtomically(path, async (into) => {
    await saveTensors(join(into, 'model.safetensors'), tensors, weights)
    await saveTensors(join(into, 'optim.safetensors'), tensors, optimizerStates)
    await writePosition(into, position)
    for (const [name, text] of Object.entries(files)) await writeAtomically(join(into, name), encode(text))
  })
  return path
}

/** Writes state.json of a checkpoint, over the one that is there. */
export async function writePosition(path: string, position: CheckpointPosition): Promise<void> {
  await writeAtomically(join(path, 'state.json'), encode(jsonText(position)))
}

/** Steps of the whole checkpoints in a folder, in order. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => /^\d{6,}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** The path of the newest checkpoint in a folder; undefined when there is none. */
export async function latestCheckpoint(folder: string): Promise<string | undefined> {
  const step = (await checkpointSteps(folder)).at(-1)
  return step === undefined ? undefined : checkpointPath(folder, step)
}

/** The path of the checkpoint that {@link markBest} marked; undefined when there is none. */
export async function bestCheckpoint(folder: string): Promise<string | undefined> {
  const { step } = (await readMark(folder)) ?? {}
  return step !== undefined && (await checkpointSteps(folder)).includes(step) ? checkpointPath(folder, step) : undefined
}

/**
 * Finds the checkpoint with the least validation loss, and names it in `best.json`.
 *
 * @returns its step; undefined when no checkpoint was measured
 */
export async function markBest(folder: string): Promise<number | undefined> {
  let best: Required<CheckpointPosition> | undefined
  for (const step of await checkpointSteps(folder)) {
    const { validationNats } = await readJson(join(checkpointPath(folder, step), 'state.json'))
    if (typeof validationNats !== 'number' || (best && validationNats >= best.validationNats)) continue
    best = { step, validationNats }
  }
  const marked = await readMark(folder)
  if (best === undefined) await rm(markFile(folder), { force: true })
  else if (marked?.step !== best.step || marked.validationNats !== best.validationNats) {
    await writeAtomically(markFile(folder), encode(jsonText(best)))
  }
  return best?.step
}

const markFile = (folder: string) => join(folder, 'best.json')

async function readMark(folder: string): Promise<Partial<CheckpointPosition> | undefined> {
  return readFile(markFile(folder), 'utf8').then(JSON.parse, () => undefined)
}

/**
 * Removes all but the newest `keep` checkpoints and those of some steps, and what interrupted writings and removals left
 * behind.
 */
export async function pruneCheckpoints(
  folder: string,
  keep: number,
  alsoKeep: readonly (number | undefined)[] = [],
): Promise<void> {
  const old = (await checkpointSteps(folder)).slice(0, -keep)
  for (const step of old) if (!alsoKeep.includes(step)) await removeFolder(checkpointPath(folder, step))
  for (const name of await readdir(folder)) {
    if (/^\d{6,}\.(part|old)$/.test(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** A JSON file, with a clear error when it is none. */
export async function readJson(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new FormatError(`${path}: cannot be read; is this the folder of a model?`)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FormatError(`${path}: is not JSON (${(error as Error).message})`)
  }
}
