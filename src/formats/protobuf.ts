import { concatenated } from '../base/index.ts'
import { refuse } from './json.ts'

/**
 * Protocol buffers, as much as formats here need: messages of numbers, strings, bytes and messages, read and written by a
 * schema. A message is a sequence of fields; each begins with a varint of field number and wire type.
 * Source: protobuf.dev/programming-guides/encoding.
 */

/** How the bytes of a field are meant. `integer` is signed and has at most 53 bits. */
export type FieldKind = 'integer' | 'boolean' | 'float' | 'string' | 'bytes' | Schema

export interface Field {
  readonly name: string
  readonly kind: FieldKind
  /** Whether the field may come any number of times; its value is a list then. */
  readonly repeated?: boolean
}

/** Fields by their numbers, in ascending order. */
export type Schema = Readonly<Record<number, Field>>

/** Fields that are there, by name. Bytes of fields that the schema lacks are kept as `unknownFields`. */
export type Message = { [name: string]: unknown; unknownFields?: Uint8Array }

const varint = 0
const eightBytes = 1
const counted = 2
const fourBytes = 5

const wireTypes = { integer: varint, boolean: varint, float: fourBytes, string: counted, bytes: counted } as const
const wireTypeOf = (kind: FieldKind): number => (typeof kind === 'string' ? wireTypes[kind] : counted)

/** More elements than this in one list are refused: two bytes of a file must not cost a hundred of memory without end. */
const mostElements = 1 << 22

/**
 * Reads a message.
 *
 * @param file how errors name the file
 * @throws FormatError with the byte at which something is cut off, too large, or of another type than the schema says
 *
 * @example
 * readMessage(Uint8Array.of(8, 150, 1), { 1: { name: 'size', kind: 'integer' } }, 'a.bin') // { size: 150 }
 */
export function readMessage(bytes: Uint8Array, schema: Schema, file: string): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let at = 0
  const fail = (place: number, reason: string): never => refuse(file, `byte ${place}`, reason)

  function readVarint(limit: number): number {
    const start = at
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= limit) fail(start, 'a number is cut off')
      if (shift > 63) fail(start, 'a number has more than ten bytes')
      const byte = bytes[at++]
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) break
    }
    const value = (high | 0) * 2 ** 32 + (low >>> 0)
    return Number.isSafeInteger(value) ? value : fail(start, 'a number has more than 53 bits')
  }

  function readLength(limit: number): number {
    const start = at
    const length = readVarint(limit)
    if (length < 0 || length > limit - at) fail(start, `a length of ${length}, but ${limit - at} bytes are left`)
    return length
  }

  function skip(wire: number, limit: number): void {
    const start = at
    if (wire === varint) readVarint(limit)
    else if (wire === counted) {
      const length = readLength(limit)
      at += length
    } else if (wire === eightBytes || wire === fourBytes) at += wire === eightBytes ? 8 : 4
    else fail(start, `wire type ${wire} is not known`)
    if (at > limit) fail(start, 'a field is cut off')
  }

  function readValue(kind: FieldKind, limit: number): unknown {
    const start = at
    if (kind === 'integer') return readVarint(limit)
    if (kind === 'boolean') return readVarint(limit) !== 0
    if (kind === 'float') {
      if (at + 4 > limit) fail(start, 'a float is cut off')
      at += 4
      return view.getFloat32(start, true)
    }
    const end = readLength(limit) + at
    if (typeof kind !== 'string') return readFields(kind, end)
    const value = bytes.subarray(at, end) as Uint8Array<ArrayBuffer>
    at = end
    if (kind === 'bytes') return value.slice()
    try {
      return decoder.decode(value)
    } catch {
      return fail(start, 'a string is not UTF-8')
    }
  }

  function readFields(fields: Schema, limit: number): Message {
    const message: Message = {}
    const unknown: Uint8Array[] = []
    while (at < limit) {
      const start = at
      const tag = readVarint(limit)
      const wire = tag & 7
      const field = fields[Math.floor(tag / 8)]
      if (field === undefined) {
        skip(wire, limit)
        unknown.push(bytes.subarray(start, at))
        continue
      }
      if (wire !== wireTypeOf(field.kind)) {
        fail(start, `${field.name} has wire type ${wire}, expected ${wireTypeOf(field.kind)}`)
      }
      const value = readValue(field.kind, limit)
      if (field.repeated) {
        const list = ((message[field.name] as unknown[]) ??= [])
        if (list.length === mostElements) fail(start, `more than ${mostElements} ${field.name}`)
        list.push(value)
      } else message[field.name] = value
    }
    if (unknown.length > 0) message.unknownFields = concatenated(Uint8Array, unknown)
    return message
  }
  return readFields(schema, bytes.length)
}

/**
 * Writes a message: fields in the order of their numbers, then unknown ones. What is undefined is left out.
 *
 * @example
 * writeMessage({ size: 150 }, { 1: { name: 'size', kind: 'integer' } }) // Uint8Array.of(8, 150, 1)
 */
export function writeMessage(message: object, schema: Schema): Uint8Array {
  const encoder = new TextEncoder()
  let out = new Uint8Array(1 << 10)
  let at = 0

  function reserve(bytes: number): void {
    if (at + bytes <= out.length) return
    const larger = new Uint8Array(2 * (at + bytes))
    larger.set(out)
    out = larger
  }
  function putVarint(value: number): void {
    reserve(10)
    let low = value >>> 0
    let high = Math.floor(value / 2 ** 32) >>> 0
    while (high !== 0 || low >= 0x80) {
      out[at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    out[at++] = low
  }
  function putBytes(bytes: Uint8Array): void {
    putVarint(bytes.length)
    putRaw(bytes)
  }
  function putRaw(bytes: Uint8Array): void {
    reserve(bytes.length)
    out.set(bytes, at)
    at += bytes.length
  }
  function putValue(kind: FieldKind, value: unknown): void {
    if (kind === 'integer') putVarint(value as number)
    else if (kind === 'boolean') putVarint(value ? 1 : 0)
    else if (kind === 'float') {
      reserve(4)
      new DataView(out.buffer).setFloat32(at, value as number, true)
      at += 4
    } else if (kind === 'string') putBytes(encoder.encode(value as string))
    else if (kind === 'bytes') putBytes(value as Uint8Array)
    else putBytes(writeMessage(value as object, kind))
  }
  const values = message as Message
  for (const [number, field] of Object.entries(schema) as [string, Field][]) {
    const value = values[field.name]
    if (value === undefined) continue
    for (const each of field.repeated ? (value as unknown[]) : [value]) {
      putVarint(Number(number) * 8 + wireTypeOf(field.kind))
      putValue(field.kind, each)
    }
  }
  if (values.unknownFields) putRaw(values.unknownFields)
  return out.slice(0, at)
}
