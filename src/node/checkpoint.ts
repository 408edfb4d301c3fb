import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesOf, type DType, FormatError, sameShape, shapeText, sizeOf } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import {
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsTensor,
  safetensorsHeader,
  safetensorsHeaderBytes,
} from '../formats/index.ts'
import { writeAtomically } from './files.ts'
import { makeFolderAtomically, removeFolder } from './folders.ts'

const dtypeNames: Readonly<Record<DType, SafetensorsDType>> = { f32: 'F32', bf16: 'BF16', i32: 'I32', u8: 'U8' }

/** Writes states to a safetensors file, one tensor in memory at a time. */
export async function saveTensors(path: string, state: State, names: readonly string[]): Promise<void> {
  const tensors = names.map((name): SafetensorsTensor => {
    const { shape, dtype } = state.places.get(name)!
    return { name, shape, dtype: dtypeNames[dtype] }
  })
  const header = safetensorsHeader(tensors)
  await writeAtomically(
    path,
    (async function* () {
      yield header.bytes
      for (const { name } of header.entries) {
        const values = await state.read(name)
        yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      }
    })(),
  )
}

/** What is to be read: names with their shapes and dtypes, f32 where none is given. */
export type Expected = Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype?: DType }>>

/**
 * Reads tensors of a safetensors file into states of the same names, one tensor in memory at a time.
 *
 * @throws FormatError when the file is broken, lacks a tensor, or holds it in another shape or dtype
 */
export async function loadTensors(path: string, state: State, expected: Expected): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const start = Buffer.alloc(Math.min(8, size))
    await file.read(start, 0, start.length, 0)
    const bytes = Buffer.alloc(Math.min(safetensorsHeaderBytes(start, path), size))
    await file.read(bytes, 0, bytes.length, 0)
    const header = readSafetensorsHeader(bytes, { file: path, fileBytes: size })
    const entries = new Map(header.entries.map((entry) => [entry.name, entry]))

    state.ensure(Object.entries(expected).map(([name, { shape, dtype = 'f32' }]) => ({ name, shape, dtype })))
    for (const [name, { shape, dtype = 'f32' }] of Object.entries(expected)) {
      const entry = entries.get(name)
      if (entry === undefined) throw new FormatError(`${path}: there is no tensor ${name}`)
      if (entry.dtype !== dtypeNames[dtype] || !sameShape(entry.shape, shape)) {
        throw new FormatError(
          `${path}: ${name} must be ${dtypeNames[dtype]} ${shapeText(shape)}, got ${entry.dtype} ${shapeText(entry.shape)}`,
        )
      }
      const target = new Uint8Array(sizeOf(shape) * bytesOf(dtype))
      // One read may give less than was asked for.
      for (let done = 0; done < entry.bytes; ) {
        const { bytesRead } = await file.read(target, done, entry.bytes - done, entry.offset + done)
        if (bytesRead === 0) throw new FormatError(`${path}: ends inside ${name}`)
        done += bytesRead
      }
      state.write(name, target)
    }
  } finally {
    await file.close()
  }
}

/** A checkpoint on disk: a folder in Hugging Face's layout, with what a run needs to go on beside it. */
export interface CheckpointContents {
  readonly state: State
  readonly weights: readonly string[]
  readonly optimizerStates: readonly string[]
  /** Where the run stands, as JSON: step, place in the data, … */
  readonly position: unknown
  /** More files, by name: config.json, tokenizer.json. */
  readonly files: Readonly<Record<string, string>>
}

const encode = (text: string) => new TextEncoder().encode(text)

const folderName = (step: number) => String(step).padStart(6, '0')

/** Writes `folder/000200`, whole or not at all; returns its path. */
export async function saveCheckpoint(folder: string, step: number, contents: CheckpointContents): Promise<string> {
  const { state, weights, optimizerStates, position, files } = contents
  await mkdir(folder, { recursive: true })
  const path = join(folder, folderName(step))
  await makeFolderAtomically(path, async (into) => {
    await saveTensors(join(into, 'model.safetensors'), state, weights)
    await saveTensors(join(into, 'optim.safetensors'), state, optimizerStates)
    await writeAtomically(join(into, 'state.json'), encode(`${JSON.stringify(position, null, 2)}\n`))
    for (const [name, text] of Object.entries(files)) await writeAtomically(join(into, name), encode(text))
  })
  return path
}

/** The path of the newest checkpoint in a folder; undefined when there is none. */
export async function latestCheckpoint(folder: string): Promise<string | undefined> {
  const steps = await checkpointSteps(folder)
  return steps.length === 0 ? undefined : join(folder, folderName(steps[steps.length - 1]))
}

/** Removes all but the newest `keep` checkpoints, and what interrupted writings and removals left behind. */
export async function pruneCheckpoints(folder: string, keep: number): Promise<void> {
  for (const step of (await checkpointSteps(folder)).slice(0, -keep)) await removeFolder(join(folder, folderName(step)))
  for (const name of await readdir(folder)) {
    if (/^\d{6,}\.(part|old)$/.test(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function checkpointSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => /^\d{6,}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
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
