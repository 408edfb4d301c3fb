import type { Product } from '../runner/product.ts'
import type { Missing } from './python.ts'

// A model of one Gemm node, written byte by byte. Source: onnx/onnx.proto of the ONNX repository, version 3.

interface OrtTensor {
  readonly data: Float32Array
}

/** As much of onnxruntime-node as is used here; the package is installed on demand. */
interface Ort {
  readonly env: { readonly versions: { readonly node?: string } }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OrtSession>
  }
}

interface OrtSession {
  run(feeds: Record<string, OrtTensor>, fetches: Record<string, OrtTensor>): Promise<unknown>
  release(): Promise<void>
}

export interface OnnxPeer {
  readonly version: string
  /** A product ready to run. B is a constant of the model, so that it is packed once: the best case. */
  prepare(product: Product, a: Float32Array, b: Float32Array): Promise<Prepared>
}

export interface Prepared {
  run(): Promise<unknown>
  readonly result: Float32Array
  release(): Promise<void>
}

export async function openOnnx(threads: number): Promise<OnnxPeer | Missing> {
  const name = 'onnxruntime-node'
  const loaded = await import(name).catch(() => undefined)
  if (loaded === undefined) return { why: 'not installed: npm --prefix bench install' }
  const ort: Ort = loaded.default ?? loaded
  return {
    version: ort.env.versions.node ?? 'of unknown version',
    async prepare(product, a, b) {
      const { M, N, K, transposeA } = product
      const result = new Float32Array(M * N)
      const options = { intraOpNumThreads: threads, interOpNumThreads: 1, executionProviders: ['cpu'] }
      const session = await ort.InferenceSession.create(gemmModel(product, b), options)
      const feeds = { A: new ort.Tensor('float32', a, transposeA ? [K, M] : [M, K]) }
      const fetches = { C: new ort.Tensor('float32', result, [M, N]) }
      return { run: () => session.run(feeds, fetches), result, release: () => session.release() }
    },
  }
}

function gemmModel({ M, N, K, transposeA, transposeB }: Product, b: Float32Array): Uint8Array {
  const text = (value: string) => Buffer.from(value)
  const flag = (name: string, value: number) =>
    message(5, field(1, text(name)), number(3, value), number(20, intAttribute))
  const matrix = (at: number, name: string, dims: readonly number[]) => {
    const sizes = dims.map((size) => message(1, number(1, size)))
    return message(at, field(1, text(name)), message(2, message(1, number(1, float), message(2, ...sizes))))
  }
  const words = ['A', 'B'].map((name) => field(1, text(name)))
  const flags = [flag('transA', transposeA), flag('transB', transposeB)]
  const node = message(1, ...words, field(2, text('C')), field(4, text('Gemm')), ...flags)
  const dims = (transposeB ? [N, K] : [K, N]).map((size) => number(1, size))
  const bytes = new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  const constant = message(5, ...dims, number(2, float), field(8, text('B')), field(9, bytes))
  const input = matrix(11, 'A', transposeA ? [K, M] : [M, K])
  const graph = message(7, node, field(2, text('product')), constant, input, matrix(12, 'C', [M, N]))
  return Buffer.concat([number(1, 8), graph, message(8, number(2, 13))]) // format 8, operators 13
}

const float = 1 // TensorProto.DataType
const intAttribute = 2 // AttributeProto.AttributeType

/** Seven bits a byte, lowest first. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

const number = (at: number, value: number) => Buffer.from([...varint(at * 8), ...varint(value)])

const field = (at: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([...varint(at * 8 + 2), ...varint(bytes.length)]), bytes])

const message = (at: number, ...fields: Uint8Array[]) => field(at, Buffer.concat(fields))
