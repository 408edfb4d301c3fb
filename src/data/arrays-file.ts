import { FormatError } from '../base/index.ts'
import {
  readSafetensorsHeader,
  type SafetensorsDType,
  safetensorsBits,
  safetensorsHeader,
  safetensorsHeaderBytes,
} from '../formats/index.ts'
import type { Folder } from './folder.ts'

/** Numbers that a file of arrays holds. */
export type FileArray = Uint8Array | Uint16Array | Uint32Array

/** Arrays of one file, by name. A row of a table is `columns` numbers; 1 unless said. */
export type FileArrays = Readonly<Record<string, { readonly array: FileArray; readonly columns?: number }>>

/**
 * Writes arrays into one file, in the format safetensors, which many programs read.
 *
 * @param options.durable as in {@link Folder.write}
 *
 * @example
 * await writeArrays(folder, 'block', { ids: { array: Uint16Array.of(1, 2, 3) } })
 * const file = await openArrays(folder, 'block')
 * await file.read('ids') // [1, 2, 3]
 */
export async function writeArrays(
  folder: Folder,
  name: string,
  arrays: FileArrays,
  options?: { readonly durable?: boolean },
): Promise<void> {
  const tensors = Object.entries(arrays).map(([title, { array, columns = 1 }]) => ({
    name: title,
    dtype: dtypeOf(array),
    shape: columns === 1 ? [array.length] : [array.length / columns, columns],
  }))
  const { bytes, entries } = safetensorsHeader(tensors, { format: 'alippe' })
  const parts = entries.map((entry) => {
    const { array } = arrays[entry.name]
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  })
  await folder.write(name, [bytes, ...parts], options)
}

/** A file of arrays, of which each is read alone. */
export interface ArraysFile {
  /** @throws FormatError when there is no such array, or it is of another type */
  read(name: string, kind: 'u8'): Promise<Uint8Array>
  read(name: string, kind: 'u16'): Promise<Uint16Array>
  read(name: string, kind: 'u32'): Promise<Uint32Array>
  read(name: string): Promise<FileArray>
  /**
   * Where an array lies in the file, for reading parts of it.
   *
   * @throws FormatError when there is no such array
   */
  placeOf(name: string): { readonly offset: number; readonly bytes: number; readonly bytesPerElement: number }
}

/** Most headers are shorter than that. */
const firstRead = 4096

/**
 * Opens what {@link writeArrays} wrote.
 *
 * @throws FormatError when it is damaged
 */
export async function openArrays(folder: Folder, name: string): Promise<ArraysFile> {
  const fileBytes = await folder.size(name)
  if (fileBytes === undefined) throw new FormatError(`${name}: is not there`)
  let start = await folder.read(name, 0, Math.min(firstRead, fileBytes))
  const needed = safetensorsHeaderBytes(start, name)
  if (needed > start.length && needed <= fileBytes) start = await folder.read(name, 0, needed)
  const header = readSafetensorsHeader(start, { file: name, fileBytes })
  const entries = new Map(header.entries.map((entry) => [entry.name, entry]))
  const entryOf = (title: string) => {
    const entry = entries.get(title)
    if (entry === undefined) throw new FormatError(`${name}: there is no array ${title}`)
    return entry
  }
  async function read(title: string, kind?: 'u8' | 'u16' | 'u32'): Promise<FileArray> {
    const entry = entryOf(title)
    const dtype = entry.dtype
    if (!isKnown(dtype) || (kind !== undefined && dtypes[kind] !== dtype)) {
      throw new FormatError(`${name}: the array ${title} is ${dtype}; expected ${kind ?? 'U8, U16 or U32'}`)
    }
    const bytes = await folder.read(name, entry.offset, entry.bytes)
    const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
    const size = arrayTypes[dtype].BYTES_PER_ELEMENT
    return new arrayTypes[dtype](whole.buffer as ArrayBuffer, whole.byteOffset, whole.byteLength / size)
  }
  function placeOf(title: string): ReturnType<ArraysFile['placeOf']> {
    const { offset, bytes, dtype } = entryOf(title)
    return { offset, bytes, bytesPerElement: safetensorsBits[dtype] / 8 }
  }
  return { read, placeOf } as ArraysFile
}

const dtypes = { u8: 'U8', u16: 'U16', u32: 'U32' } as const
const arrayTypes = { U8: Uint8Array, U16: Uint16Array, U32: Uint32Array } as const

const isKnown = (dtype: SafetensorsDType): dtype is keyof typeof arrayTypes => dtype in arrayTypes

function dtypeOf(array: FileArray): keyof typeof arrayTypes {
  return array instanceof Uint8Array ? 'U8' : array instanceof Uint16Array ? 'U16' : 'U32'
}
