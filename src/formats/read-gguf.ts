import {
  type GgufEntry,
  type GgufField,
  type GgufHeader,
  type GgufTensorType,
  type GgufTypedArray,
  type GgufValueType,
  ggufAlignment,
  ggufTensorBytes,
  ggufTensorTypes,
  ggufValueBytes,
  ggufValueTypes,
} from './gguf-types.ts'
import { refuse, shortened } from './json.ts'

/** A header that is longer is refused: vocabularies of a quarter of a million tokens take a tenth of it. */
export const longestGgufHeader = 64 << 20
/** So many strings, in lists and as names, take 100 MB. */
const mostStrings = 1 << 21
const mostEntries = 1 << 16
/** ggml has as many. */
const mostAxes = 4
const longestName = 1 << 16

const tensorTypes = new Map(
  Object.entries(ggufTensorTypes).map(([name, { number }]) => [number, name as GgufTensorType]),
)

const typedArrays = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
} as const

/** Thrown when the bytes end before the header does. */
class CutOff extends Error {}

export interface ReadGgufOptions {
  /** How messages name the file. */
  readonly file?: string
  /** Size of the file when the bytes are only its beginning. */
  readonly fileBytes?: number
}

/**
 * Reads the header: metadata, and where each tensor lies. Tensors are neither read nor copied.
 *
 * @param bytes the file (mapped memory will do) or its beginning
 * @returns undefined when the bytes are a beginning that ends within the header: give more of them
 * @throws FormatError with file, place and reason: no GGUF of version 2 or 3, truncated, counts and sizes that cannot be, a
 *   name twice, an unknown type, tensors that overlap, lie outside the file or not at a multiple of the alignment
 * Cost: time and memory of the header alone, at most {@link longestGgufHeader}.
 *
 * @example
 * const { bytes, fileBytes } = ggufHeader(new Map(), [{ name: 'w', type: 'F32', shape: [2, 3] }])
 * readGguf(bytes, { fileBytes }).entries[0].shape // [2, 3]
 */
export function readGguf(bytes: Uint8Array, options: ReadGgufOptions = {}): GgufHeader | undefined {
  const { file = 'gguf', fileBytes = bytes.length } = options
  try {
    return readHeader(bytes.subarray(0, longestGgufHeader), fileBytes, file)
  } catch (error) {
    if (!(error instanceof CutOff)) throw error
    if (bytes.length >= longestGgufHeader) {
      return refuse(file, 'header', `it has more than ${longestGgufHeader} bytes, which no model needs`)
    }
    if (bytes.length < fileBytes) return undefined
    return refuse(file, `byte ${fileBytes}`, `truncated: ${error.message}`)
  }
}

function readHeader(bytes: Uint8Array, fileBytes: number, file: string): GgufHeader {
  const read = reader(bytes, fileBytes, file)
  const { fail } = read
  if (
    bytes.length < 4
      ? fileBytes < 4
      : new TextDecoder('latin1').decode(bytes.subarray(0, 4) as Uint8Array<ArrayBuffer>) !== 'GGUF'
  ) {
    fail('the file does not begin with GGUF')
  }
  read.skip(4)
  const version = read.u32('the version')
  if (version !== 2 && version !== 3) {
    const swapped = version === 0x03000000 || version === 0x02000000
    fail(
      swapped ? 'the file is big-endian, which is not supported' : `version ${version} is not known; there are 2 and 3`,
    )
  }
  const tensors = read.count('tensors', mostEntries, 24)
  const keys = read.count('metadata entries', mostEntries, 12)
  const metadata = readMetadata(read, keys)
  const alignment = readAlignment(metadata, file)
  const infos = readTensors(read, tensors)
  const start = Math.ceil(read.at / alignment) * alignment
  const entries = infos.map(({ offset, ...entry }) => {
    const place = `tensor ${JSON.stringify(shortened(entry.name))}`
    if (offset % alignment !== 0)
      refuse(file, place, `its offset ${offset} is no multiple of the alignment ${alignment}`)
    if (offset + entry.bytes > fileBytes - start) {
      refuse(file, place, `it ends at byte ${start + offset + entry.bytes}, the file at ${fileBytes}: truncated?`)
    }
    return { ...entry, offset: start + offset }
  })
  requireNoOverlap(entries, file)
  return { version, alignment, metadata, entries, headerBytes: start, fileBytes }
}

type Reader = ReturnType<typeof reader>

/** What is read, for messages; made when one is needed, where there are many. */
type Name = string | (() => string)
const textOf = (name: Name): string => (typeof name === 'string' ? name : name())

/** Reads one value after the other; what does not fit into the file is refused before any memory is taken for it. */
function reader(bytes: Uint8Array, fileBytes: number, file: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const latin1 = new TextDecoder('latin1')
  let at = 0
  let strings = 0
  const fail = (reason: string): never => refuse(file, `byte ${at}`, reason)

  function need(size: number, what: Name, part = ''): void {
    if (size > fileBytes - at) fail(`truncated: ${part}${textOf(what)} needs ${size} bytes, ${fileBytes - at} are left`)
    if (size > bytes.length - at) throw new CutOff(`${part}${textOf(what)} is cut off`)
  }
  function whole(what: Name, part = ''): number {
    need(8, what, part)
    const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
    if (!Number.isSafeInteger(value))
      fail(`${part}${textOf(what)} is ${view.getBigUint64(at, true)}, which is too large`)
    at += 8
    return value
  }
  /** Goes past a string. @returns where it begins */
  function span(what: Name, longest = Number.POSITIVE_INFINITY): number {
    const length = whole(what, 'the length of ')
    if (length > longest) fail(`${textOf(what)} has ${length} bytes, at most ${longest} are allowed`)
    need(length, what)
    if (++strings > mostStrings) fail(`there are more than ${mostStrings} strings`)
    at += length
    return at - length
  }
  function utf8(start: number, end: number, what: Name): string {
    try {
      return decoder.decode(bytes.subarray(start, end) as Uint8Array<ArrayBuffer>)
    } catch {
      return refuse(file, `byte ${start}`, `${textOf(what)} is not UTF-8`)
    }
  }
  function string(what: string, longest?: number): string {
    const start = span(what, longest)
    return utf8(start, at, what)
  }
  /** Tokens of a vocabulary are many and short: those of ASCII alone are cut out of one long text. */
  function stringsOf(length: number, what: string): string[] {
    let i = 0
    const name = () => `${what}[${i}]`
    const from = at
    const ends = new Float64Array(length)
    for (; i < length; i++) {
      span(name)
      ends[i] = at
    }
    const all = latin1.decode(bytes.subarray(from, at) as Uint8Array<ArrayBuffer>)
    const texts: string[] = []
    let start = from
    for (i = 0; i < length; i++) {
      start += 8
      let isAscii = true
      for (let k = start; k < ends[i] && isAscii; k++) isAscii = bytes[k] < 0x80
      texts.push(isAscii ? all.slice(start - from, ends[i] - from) : utf8(start, ends[i], name))
      start = ends[i]
    }
    return texts
  }
  return {
    get at() {
      return at
    },
    fail,
    string,
    whole,
    skip(size: number): void {
      need(size, 'the beginning')
      at += size
    },
    u32(what: string): number {
      need(4, what)
      at += 4
      return view.getUint32(at - 4, true)
    },
    /** How many things follow, each of `least` bytes or more. */
    count(what: string, most: number, least: number): number {
      const before = at
      const value = whole(`the number of ${what}`)
      if (value <= most && value * least <= fileBytes - at) return value
      at = before
      return fail(
        `${value} ${what} cannot be: ${value > most ? `at most ${most} are allowed` : 'the file is too small'}`,
      )
    },
    scalar(type: Exclude<GgufValueType, 'array' | 'string'>, what: string): number | bigint | boolean {
      const size = ggufValueBytes[type]
      need(size, what)
      const place = at
      at += size
      switch (type) {
        case 'u8':
          return view.getUint8(place)
        case 'i8':
          return view.getInt8(place)
        case 'u16':
          return view.getUint16(place, true)
        case 'i16':
          return view.getInt16(place, true)
        case 'u32':
          return view.getUint32(place, true)
        case 'i32':
          return view.getInt32(place, true)
        case 'f32':
          return view.getFloat32(place, true)
        case 'f64':
          return view.getFloat64(place, true)
        case 'bool':
          return flag(view.getUint8(place))
        default: {
          const value = type === 'u64' ? view.getBigUint64(place, true) : view.getBigInt64(place, true)
          return Number.isSafeInteger(Number(value)) ? Number(value) : value
        }
      }
    },
    /** Elements of one size, copied so that they are aligned. */
    numbers(type: keyof typeof typedArrays, length: number, what: string): GgufTypedArray {
      const size = length * ggufValueBytes[type]
      need(size, what)
      const copy = bytes.slice(at, at + size)
      at += size
      return new typedArrays[type](copy.buffer as ArrayBuffer)
    },
    flags(length: number, what: string): boolean[] {
      if (length > mostStrings) fail(`${what} has ${length} flags, at most ${mostStrings} are allowed`)
      need(length, what)
      const values = Array.from(bytes.subarray(at, at + length), flag)
      at += length
      return values
    },
    strings(length: number, what: string): string[] {
      if (length > mostStrings) fail(`${what} has ${length} strings, at most ${mostStrings} are allowed`)
      return stringsOf(length, what)
    },
  }
  function flag(byte: number): boolean {
    return byte < 2 ? byte === 1 : fail(`a bool is ${byte}, neither 0 nor 1`)
  }
}

function readMetadata(read: Reader, keys: number): Map<string, GgufField> {
  const metadata = new Map<string, GgufField>()
  for (let i = 0; i < keys; i++) {
    const key = read.string(`the name of metadata entry ${i}`, longestName)
    if (metadata.has(key)) read.fail(`the key ${JSON.stringify(shortened(key))} comes twice`)
    metadata.set(key, readField(read, shortened(key)))
  }
  return metadata
}

function readField(read: Reader, key: string): GgufField {
  const type = valueType(read, key)
  if (type === 'string') return { type, value: read.string(key) }
  if (type !== 'array') return { type, value: read.scalar(type, key) }
  const element = valueType(read, key)
  if (element === 'array') return read.fail(`${key}: lists of lists are not supported`)
  const length = read.count(
    `elements of ${key}`,
    Number.MAX_SAFE_INTEGER,
    element === 'string' ? 8 : ggufValueBytes[element],
  )
  if (element === 'string') return { type, element, value: read.strings(length, key) }
  if (element === 'bool') return { type, element, value: read.flags(length, key) }
  return { type, element, value: read.numbers(element, length, key) }
}

function valueType(read: Reader, key: string): GgufValueType {
  const number = read.u32(`the type of ${key}`)
  return ggufValueTypes[number] ?? read.fail(`${key}: type ${number} is not known`)
}

function readAlignment(metadata: ReadonlyMap<string, GgufField>, file: string): number {
  const name = 'general.alignment'
  const value = metadata.get(name)?.value ?? ggufAlignment
  const isPower = typeof value === 'number' && value >= 1 && value <= 2 ** 30 && Number.isInteger(Math.log2(value))
  return isPower ? value : refuse(file, name, `it must be a power of two, got ${String(value).slice(0, 60)}`)
}

function readTensors(read: Reader, count: number): GgufEntry[] {
  const names = new Set<string>()
  const entries: GgufEntry[] = []
  for (let i = 0; i < count; i++) {
    const name = read.string(`the name of tensor ${i}`, longestName)
    const what = `tensor ${JSON.stringify(shortened(name))}`
    if (names.has(name)) read.fail(`${what} comes twice`)
    names.add(name)
    const axes = read.u32(`${what}: the number of axes`)
    if (axes > mostAxes) read.fail(`${what} has ${axes} axes, at most ${mostAxes} are allowed`)
    const shape = Array.from({ length: axes }, () => read.whole(`${what}: a size`)).reverse()
    const number = read.u32(`${what}: the type`)
    const type = tensorTypes.get(number)
    if (type === undefined) return read.fail(`${what} has type ${number}, which is not known`)
    const bytes = ggufTensorBytes(type, shape)
    if (bytes === undefined || shape.includes(0)) {
      return read.fail(`${what}: there is no ${type} of shape [${shape.join(', ')}]`)
    }
    entries.push({ name, type, shape, offset: read.whole(`${what}: the offset`), bytes })
  }
  return entries
}

function requireNoOverlap(entries: readonly GgufEntry[], file: string): void {
  const ordered = entries.toSorted((a, b) => a.offset - b.offset)
  for (let i = 1; i < ordered.length; i++) {
    const [before, entry] = [ordered[i - 1], ordered[i]]
    if (entry.offset >= before.offset + before.bytes) continue
    const place = `tensor ${JSON.stringify(shortened(entry.name))}`
    refuse(file, place, `it begins at byte ${entry.offset}, within ${JSON.stringify(shortened(before.name))}`)
  }
}
