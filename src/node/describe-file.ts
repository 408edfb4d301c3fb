import { readSafetensorsHeader, safetensorsHeaderBytes } from '../formats/index.ts'
import { type ByteFile, openByteFile } from './byte-file.ts'
import { ggufHeaderOf } from './gguf-source.ts'

/** What a file of tensors says of itself, whether or not its model is one that can be used here. */
export interface FileDescription {
  readonly kind: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly tensors: readonly {
    readonly name: string
    readonly dtype: string
    readonly shape: readonly number[]
    readonly bytes: number
  }[]
}

/**
 * Reads the header of a GGUF or safetensors file.
 *
 * @returns undefined for a file of another kind
 * @throws FormatError when it is broken, FileError when it cannot be read
 *
 * @example
 * describeFile('README.md') // undefined
 */
export function describeFile(path: string): FileDescription | undefined {
  const file = openByteFile(path, { mapped: false })
  try {
    const start = new TextDecoder('latin1').decode(file.bytes(0, Math.min(4, file.size)) as Uint8Array<ArrayBuffer>)
    if (start === 'GGUF') return ggufDescription(file)
    return path.endsWith('.safetensors') ? safetensorsDescription(file) : undefined
  } finally {
    file.close()
  }
}

function ggufDescription(file: ByteFile): FileDescription {
  const { version, alignment, metadata, entries, headerBytes, fileBytes } = ggufHeaderOf(file)
  return {
    kind: `GGUF, version ${version}`,
    facts: { alignment, headerBytes, fileBytes, tensors: entries.length },
    metadata: Object.fromEntries([...metadata].map(([key, { value }]) => [key, value])),
    tensors: entries.map(({ name, type, shape, bytes }) => ({ name, dtype: type, shape, bytes })),
  }
}

function safetensorsDescription(file: ByteFile): FileDescription {
  const { path, size } = file
  const start = file.bytes(0, Math.min(8, size))
  const header = file.bytes(0, Math.min(safetensorsHeaderBytes(start, path), size))
  const { entries, metadata } = readSafetensorsHeader(header, { file: path, fileBytes: size })
  return {
    kind: 'safetensors',
    facts: { headerBytes: header.length, fileBytes: size, tensors: entries.length },
    metadata: Object.fromEntries(metadata),
    tensors: entries.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes })),
  }
}
