import { ConfigError, type Shape, shapeText } from '../base/index.ts'
import { type JsonValue, parseJson, refuse, shortened } from './json.ts'

/**
 * safetensors: 8 bytes with the length of a JSON header, the header, then the tensors' elements without gaps, row-major,
 * little-endian. Source: the format's description in github.com/huggingface/safetensors.
 */

/** Bits of one element, for every dtype that the format knows. */
export const safetensorsBits = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  I64: 64,
  U64: 64,
  I32: 32,
  U32: 32,
  I16: 16,
  U16: 16,
  I8: 8,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
} as const

export type SafetensorsDType = keyof typeof safetensorsBits

/** A tensor that is to be written. */
export interface SafetensorsTensor {
  readonly name: string
  readonly dtype: SafetensorsDType
  readonly shape: Shape
}

/** A tensor and where it lies: `bytes` bytes at `offset` from the beginning of the file. */
export interface SafetensorsEntry extends SafetensorsTensor {
  readonly offset: number
  readonly bytes: number
}

export interface SafetensorsHeader {
  /** In the order of their offsets. */
  readonly entries: readonly SafetensorsEntry[]
  readonly metadata: ReadonlyMap<string, string>
  /** Of the whole file. */
  readonly fileBytes: number
}

/** As in the reference implementation. */
export const longestSafetensorsHeader = 100_000_000

/**
 * How many bytes of a file hold the header, its 8 length bytes included: what to read before
 * {@link readSafetensorsHeader}.
 *
 * @param start the first 8 bytes, or more
 * @throws FormatError when they cannot be the beginning of a safetensors file
 *
 * @example
 * safetensorsHeaderBytes(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)) // 10
 */
export function safetensorsHeaderBytes(start: Uint8Array, file = 'safetensors'): number {
  if (start.length < 8) refuse(file, 'byte 0', `${start.length} bytes are there, the length of the header needs 8`)
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
  if (length > longestSafetensorsHeader) {
    refuse(file, 'byte 0', `the header's length is ${length}, at most ${longestSafetensorsHeader} is allowed`)
  }
  if (length < 2) refuse(file, 'byte 0', `the header's length is ${length}, at least 2 are needed for {}`)
  return 8 + length
}

/**
 * Reads the header.
 *
 * @param bytes the file, or its beginning as far as {@link safetensorsHeaderBytes} says
 * @param options.file how messages name the file
 * @param options.fileBytes size of the file when `bytes` is only its beginning
 * @throws FormatError with file, place and reason: truncated, not JSON, a name twice, an unknown dtype, a shape that does
 *   not fit its bytes, tensors that overlap, leave gaps or lie outside the file
 *
 * @example
 * const { bytes, fileBytes } = safetensorsHeader([{ name: 'w', dtype: 'F32', shape: [2, 3] }])
 * readSafetensorsHeader(bytes, { fileBytes }).entries[0].shape // [2, 3]
 */
export function readSafetensorsHeader(
  bytes: Uint8Array,
  options: { file?: string; fileBytes?: number } = {},
): SafetensorsHeader {
  const file = options.file ?? 'safetensors'
  const fileBytes = options.fileBytes ?? bytes.length
  const start = safetensorsHeaderBytes(bytes, file)
  if (bytes.length < start) refuse(file, 'header', `truncated: ${start} bytes are needed, ${bytes.length} are there`)
  if (bytes[8] !== 0x7b) refuse(file, 'byte 8', 'the header does not begin with {')
  const text = headerText(bytes.subarray(8, start), file)
  const root = parseJson(text, (at, reason) => refuse(file, `header, character ${at}`, reason))
  if (!(root instanceof Map)) return refuse(file, 'header', 'expected an object')
  const metadata = readMetadata(root.get('__metadata__'), file)
  root.delete('__metadata__')
  const entries = [...root].map(([name, value]) => readEntry(name, value, start, file))
  entries.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)
  requireNoGaps(entries, start, fileBytes, file)
  return { entries, metadata, fileBytes }
}

function headerText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes as Uint8Array<ArrayBuffer>)
  } catch {
    return refuse(file, 'header', 'is not UTF-8')
  }
}

function readMetadata(value: JsonValue | undefined, file: string): Map<string, string> {
  if (value === undefined) return new Map()
  if (!(value instanceof Map)) return refuse(file, '__metadata__', 'expected an object')
  for (const [name, text] of value) {
    if (typeof text !== 'string') refuse(file, `__metadata__.${shortened(name)}`, 'expected a string')
  }
  return value as Map<string, string>
}

function readEntry(name: string, value: JsonValue, start: number, file: string): SafetensorsEntry {
  const place = `tensor ${JSON.stringify(shortened(name))}`
  if (!(value instanceof Map)) return refuse(file, place, 'expected an object with dtype, shape and data_offsets')
  for (const key of value.keys()) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      refuse(file, place, `${JSON.stringify(shortened(key))} is not part of the format`)
    }
  }
  const dtype = value.get('dtype')
  if (typeof dtype !== 'string' || !Object.hasOwn(safetensorsBits, dtype)) {
    return refuse(file, place, `unknown dtype ${dtype === undefined ? '' : shortened(JSON.stringify(dtype))}`)
  }
  const shape = sizes(value.get('shape')) ?? refuse(file, place, 'shape: expected a list of whole numbers')
  const range = sizes(value.get('data_offsets'))
  if (range?.length !== 2) return refuse(file, place, 'data_offsets: expected two whole numbers')
  const [from, to] = range
  if (to < from) refuse(file, place, `data_offsets end at ${to} before they begin at ${from}`)
  const needed = tensorBytes(dtype as SafetensorsDType, shape)
  if (needed !== to - from) {
    refuse(file, place, `${dtype} of shape ${shapeText(shape)} needs ${needed} bytes, data_offsets give ${to - from}`)
  }
  return { name, dtype: dtype as SafetensorsDType, shape, offset: start + from, bytes: to - from }
}

function sizes(value: JsonValue | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined
  const ok = value.every((n) => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0)
  return ok ? (value as number[]) : undefined
}

/** A fraction when the elements do not fill the last byte; infinite when they are too many to count. */
function tensorBytes(dtype: SafetensorsDType, shape: Shape): number {
  const bits = shape.includes(0) ? 0 : shape.reduce((size, axis) => size * axis, safetensorsBits[dtype])
  return Number.isSafeInteger(bits) ? bits / 8 : Number.POSITIVE_INFINITY
}

function requireNoGaps(entries: readonly SafetensorsEntry[], start: number, fileBytes: number, file: string): void {
  let end = start
  for (const entry of entries) {
    if (entry.offset !== end) {
      const place = `tensor ${JSON.stringify(shortened(entry.name))}`
      const what = entry.offset < end ? 'overlaps the tensor before it' : 'leaves a gap before it'
      refuse(file, place, `begins at byte ${entry.offset} of the file and ${what}, which ends at ${end}`)
    }
    end += entry.bytes
  }
  if (end > fileBytes) refuse(file, 'data', `truncated: the tensors end at byte ${end}, the file at ${fileBytes}`)
  if (end < fileBytes) refuse(file, 'data', `${fileBytes - end} bytes follow the last tensor, which ends at ${end}`)
}

/**
 * The beginning of a file for these tensors. The tensors follow it in the order of the returned entries (largest elements
 * first, then by name, as the reference implementation writes them), each at its offset.
 *
 * @param metadata written as `__metadata__`; the default is what `transformers` demands
 * @throws ConfigError for a name twice or a shape that does not fill bytes
 *
 * @example
 * const { bytes, entries, fileBytes } = safetensorsHeader([{ name: 'w', dtype: 'F32', shape: [2, 3] }])
 * fileBytes - bytes.length // 24
 */
export function safetensorsHeader(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): { bytes: Uint8Array; entries: SafetensorsEntry[]; fileBytes: number } {
  const ordered = tensors.toSorted(
    (a, b) => safetensorsBits[b.dtype] - safetensorsBits[a.dtype] || (a.name < b.name ? -1 : 1),
  )
  let end = 0
  const placed = ordered.map(({ name, dtype, shape }) => {
    const bytes = tensorBytes(dtype, shape)
    if (!Number.isSafeInteger(bytes)) {
      throw new ConfigError(`safetensors: tensor ${name}: ${dtype} of shape ${shapeText(shape)} is ${bytes} bytes`)
    }
    const offset = end
    end += bytes
    return { name, dtype, shape, offset, bytes }
  })
  const names = new Set(placed.map((entry) => entry.name))
  if (names.size < placed.length) throw new ConfigError('safetensors: two tensors have the same name')
  if (names.has('__metadata__')) throw new ConfigError('safetensors: __metadata__ cannot be the name of a tensor')
  const parts = placed.map(
    ({ name, dtype, shape, offset, bytes }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + bytes] })}`,
  )
  const json = new TextEncoder().encode(`{${[`"__metadata__":${JSON.stringify(metadata)}`, ...parts].join(',')}}`)
  // Spaces up to a multiple of 8, so that elements are aligned in a mapped file.
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  const entries = placed.map((entry) => ({ ...entry, offset: entry.offset + bytes.length }))
  return { bytes, entries, fileBytes: bytes.length + end }
}
