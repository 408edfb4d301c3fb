import { ConfigError, shapeText } from '../base/index.ts'
import {
  type GgufElementType,
  type GgufEntry,
  type GgufField,
  type GgufTensor,
  ggufAlignment,
  ggufTensorBytes,
  ggufTensorTypes,
  ggufValueBytes,
  ggufValueTypes,
} from './gguf-types.ts'

/** ggml keeps names in 64 bytes, the zero at their end included. */
const longestTensorName = 63

/**
 * The beginning of a file for these tensors. They follow it in the order of the returned entries, which is the given one,
 * each at its offset, with zeros between them; the file ends at `fileBytes`, after zeros behind the last one.
 *
 * @param metadata in the order in which it is written; `general.alignment` is honoured
 * @throws ConfigError for a name twice or too long, rows that are not whole blocks, and values outside their type
 *
 * @example
 * const tensors = [{ name: 'w', type: 'Q8_0', shape: [2, 32] }]
 * const { bytes, fileBytes } = ggufHeader(new Map([['general.architecture', { type: 'string', value: 'llama' }]]), tensors)
 * fileBytes - bytes.length // 96; 68 bytes, up to a multiple of 32
 */
export function ggufHeader(
  metadata: ReadonlyMap<string, GgufField>,
  tensors: readonly GgufTensor[],
): { bytes: Uint8Array; entries: GgufEntry[]; fileBytes: number } {
  const alignment = Number(metadata.get('general.alignment')?.value ?? ggufAlignment)
  if (!Number.isInteger(Math.log2(alignment))) {
    throw new ConfigError(`gguf: general.alignment must be a power of two, got ${alignment}`)
  }
  const aligned = (offset: number) => Math.ceil(offset / alignment) * alignment
  const out = writer()
  out.raw(new TextEncoder().encode('GGUF'))
  out.number('u32', 3)
  out.number('u64', tensors.length)
  out.number('u64', metadata.size)
  for (const [key, field] of metadata) writeField(out, key, field)
  const names = new Set<string>()
  let end = 0
  const placed = tensors.map(({ name, type, shape }) => {
    const bytes = ggufTensorBytes(type, shape)
    if (bytes === undefined) throw new ConfigError(`gguf: ${name}: ${shapeText(shape)} has no whole blocks of ${type}`)
    if (names.has(name)) throw new ConfigError(`gguf: two tensors have the name ${name}`)
    if (new TextEncoder().encode(name).length > longestTensorName) {
      throw new ConfigError(`gguf: the name ${name} has more than ${longestTensorName} bytes`)
    }
    names.add(name)
    out.string(name)
    out.number('u32', shape.length)
    for (const axis of shape.toReversed()) out.number('u64', axis)
    out.number('u32', ggufTensorTypes[type].number)
    out.number('u64', end)
    const offset = end
    end = aligned(end + bytes)
    return { name, type, shape, offset, bytes }
  })
  const written = out.bytes()
  const bytes = new Uint8Array(aligned(written.length))
  bytes.set(written)
  const entries = placed.map((entry) => ({ ...entry, offset: entry.offset + bytes.length }))
  return { bytes, entries, fileBytes: bytes.length + end }
}

/**
 * A field from a plain value: texts, flags, whole numbers as u32 or i32, other numbers as f32, lists by what they hold.
 *
 * @throws ConfigError for a value that GGUF has no type for
 *
 * @example
 * ggufField(5) // { type: 'u32', value: 5 }
 * ggufField(['a', 'b']) // { type: 'array', element: 'string', value: ['a', 'b'] }
 */
export function ggufField(value: unknown): GgufField {
  if (typeof value === 'string') return { type: 'string', value }
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'number') return { type: numberType(value), value }
  if (value instanceof Uint8Array) return { type: 'array', element: 'u8', value }
  if (value instanceof Int32Array) return { type: 'array', element: 'i32', value }
  if (value instanceof Uint32Array) return { type: 'array', element: 'u32', value }
  if (value instanceof Float32Array) return { type: 'array', element: 'f32', value }
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
    return { type: 'array', element: 'string', value }
  }
  throw new ConfigError(`gguf: there is no type for ${JSON.stringify(value)?.slice(0, 60)}`)
}

function numberType(value: number): 'u32' | 'i32' | 'f32' {
  if (!Number.isInteger(value)) return 'f32'
  return value < 0 ? 'i32' : 'u32'
}

type Writer = ReturnType<typeof writer>

function writeField(out: Writer, key: string, field: GgufField): void {
  const fail = (value: unknown, type: string): never => {
    throw new ConfigError(`gguf: ${key}: ${String(value).slice(0, 60)} is no ${type}`)
  }
  const scalar = (type: GgufElementType, value: unknown): void => {
    if (type === 'string') typeof value === 'string' ? out.string(value) : fail(value, type)
    else if (type === 'bool') typeof value === 'boolean' ? out.number('u8', value ? 1 : 0) : fail(value, type)
    else if (typeof value !== 'number' && typeof value !== 'bigint') fail(value, type)
    else if (!isWithin(type, value as number | bigint)) fail(value, type)
    else out.number(type, value as number | bigint)
  }
  out.string(key)
  out.number('u32', ggufValueTypes.indexOf(field.type))
  if (field.type === 'array') {
    out.number('u32', ggufValueTypes.indexOf(field.element))
    out.number('u64', field.value.length)
    for (const each of field.value) scalar(field.element, each)
  } else scalar(field.type, field.value)
}

function isWithin(type: Exclude<GgufElementType, 'string' | 'bool'>, value: number | bigint): boolean {
  if (type === 'f32' || type === 'f64') return typeof value === 'number'
  if (typeof value === 'number' && !Number.isInteger(value)) return false
  const bits = BigInt(8 * ggufValueBytes[type])
  const [least, most] = type[0] === 'u' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
  return BigInt(value) >= least && BigInt(value) <= most
}

/** Bytes that grow as they are written. */
function writer() {
  const encoder = new TextEncoder()
  let buffer = new Uint8Array(1 << 12)
  let view = new DataView(buffer.buffer)
  let at = 0
  function reserve(bytes: number): void {
    if (at + bytes <= buffer.length) return
    const larger = new Uint8Array(2 * (at + bytes))
    larger.set(buffer)
    buffer = larger
    view = new DataView(buffer.buffer)
  }
  function raw(bytes: Uint8Array): void {
    reserve(bytes.length)
    buffer.set(bytes, at)
    at += bytes.length
  }
  function number(type: Exclude<GgufElementType, 'string' | 'bool'>, value: number | bigint): void {
    const bytes = ggufValueBytes[type]
    reserve(bytes)
    if (type === 'f32') view.setFloat32(at, Number(value), true)
    else if (type === 'f64') view.setFloat64(at, Number(value), true)
    else if (bytes === 1) view.setUint8(at, Number(value))
    else if (bytes === 2) view.setUint16(at, Number(value), true)
    else if (bytes === 4) view.setUint32(at, Number(value), true)
    else view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true)
    at += bytes
  }
  return {
    raw,
    number,
    string(text: string): void {
      const bytes = encoder.encode(text)
      number('u64', bytes.length)
      raw(bytes)
    },
    bytes: () => buffer.subarray(0, at),
  }
}
