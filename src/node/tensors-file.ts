import { open } from 'node:fs/promises'
import { ConfigError, type DType, elementsOver, FormatError, sameShape, shapeText } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import {
  floatNames,
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsTensor,
  safetensorsHeader,
  safetensorsHeaderBytes,
} from '../formats/index.ts'
import { writeAtomically } from './files.ts'

const dtypeNames: Readonly<Partial<Record<DType, SafetensorsDType>>> = {
  ...floatNames,
  i32: 'I32',
  u8: 'U8',
}

function nameOf(tensor: string, dtype: DType): SafetensorsDType {
  const name = dtypeNames[dtype]
  if (name === undefined) throw new ConfigError(`${tensor}: a safetensors file cannot hold ${dtype}`)
  return name
}

/** Where tensors are read from: a state, or a snapshot of one. */
export type Tensors = Pick<State, 'places' | 'read'>

/** Writes tensors to a safetensors file, one in memory at a time. */
export async function saveTensors(path: string, from: Tensors, names: readonly string[]): Promise<void> {
  const tensors = names.map((name): SafetensorsTensor => {
    const { shape, dtype } = from.places.get(name)!
    return { name, shape, dtype: nameOf(name, dtype) }
  })
  const header = safetensorsHeader(tensors)
  await writeAtomically(
    path,
    (async function* () {
      yield header.bytes
      for (const { name } of header.entries) {
        const values = await from.read(name)
        yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      }
    })(),
  )
}

/** What is to be read: names with their shapes, and with dtypes other than f32. */
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

    const wanted = Object.entries(expected).map(([name, { shape, dtype = 'f32' }]) => ({ name, shape, dtype }))
    state.ensure(wanted)
    for (const { name, shape, dtype } of wanted) {
      const entry = entries.get(name)
      if (entry === undefined) throw new FormatError(`${path}: there is no tensor ${name}`)
      const dtypeName = nameOf(name, dtype)
      if (entry.dtype !== dtypeName || !sameShape(entry.shape, shape)) {
        throw new FormatError(
          `${path}: ${name} must be ${dtypeName} ${shapeText(shape)}, got ${entry.dtype} ${shapeText(entry.shape)}`,
        )
      }
      const target = new Uint8Array(entry.bytes)
      // One read may give less than was asked for.
      for (let done = 0; done < entry.bytes; ) {
        const { bytesRead } = await file.read(target, done, entry.bytes - done, entry.offset + done)
        if (bytesRead === 0) throw new FormatError(`${path}: ends inside ${name}`)
        done += bytesRead
      }
      state.write(name, elementsOver(dtype, shape, target.buffer))
    }
  } finally {
    await file.close()
  }
}
