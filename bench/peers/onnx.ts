import type { Missing } from './python.ts'

// onnxruntime-node, and models for it that are written byte by byte. Source: onnx/onnx.proto of the ONNX repository, version 3.

export interface OrtTensor {
  readonly data: Float32Array
}

/** As much of onnxruntime-node as is used here; the package is installed on demand. */
export interface Ort {
  readonly env: { readonly versions: { readonly node?: string } }
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => OrtTensor
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OrtSession>
  }
}

export interface OrtSession {
  run(feeds: Record<string, OrtTensor>, fetches?: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>
  release(): Promise<void>
}

export async function openOrt(): Promise<Ort | Missing> {
  const name = 'onnxruntime-node'
  const loaded = await import(name).catch(() => undefined)
  return loaded === undefined ? { why: 'not installed: npm --prefix bench ci' } : (loaded.default ?? loaded)
}

export const versionOf = (ort: Ort): string => ort.env.versions.node ?? 'of unknown version'

export const sessionOptions = (threads: number) => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionProviders: ['cpu'],
})

/** TensorProto.DataType */
export const elementTypes = { float32: 1, int64: 7 } as const

/** Seven bits a byte, lowest first. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

export const number = (at: number, value: number) => Buffer.from([...varint(at * 8), ...varint(value)])

export const field = (at: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(at * 8 + 2), ...varint(bytes.length)]), bytes])

export const message = (at: number, ...fields: Uint8Array[]) => field(at, Buffer.concat(fields))

export const text = (at: number, value: string) => field(at, Buffer.from(value))

/** An attribute of a node: a whole number, or a list of them. AttributeProto.AttributeType is 2 or 7. */
export const attribute = (name: string, value: number | readonly number[]) =>
  typeof value === 'number'
    ? message(5, text(1, name), number(3, value), number(20, 2))
    : message(5, text(1, name), ...value.map((each) => number(8, each)), number(20, 7))

/** An input or output of a graph. */
export function valueInfo(at: number, name: string, type: keyof typeof elementTypes, dims: readonly number[]) {
  const sizes = dims.map((size) => message(1, number(1, size)))
  return message(at, text(1, name), message(2, message(1, number(1, elementTypes[type]), message(2, ...sizes))))
}

/** A constant of a graph. */
export function initializer(name: string, values: Float32Array | BigInt64Array, dims: readonly number[]) {
  const type = elementTypes[values instanceof Float32Array ? 'float32' : 'int64']
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return message(5, ...dims.map((size) => number(1, size)), number(2, type), text(8, name), field(9, bytes))
}

/** A model of format 8 with operators of version 17. */
export const model = (...graph: Uint8Array[]) =>
  Buffer.concat([number(1, 8), message(7, ...graph), message(8, number(2, 17))])
