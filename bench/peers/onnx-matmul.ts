import type { Product } from '../runner/product.ts'
import { attribute, initializer, message, model, openOrt, sessionOptions, text, valueInfo, versionOf } from './onnx.ts'
import type { Missing } from './python.ts'

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
  const ort = await openOrt()
  if ('why' in ort) return ort
  return {
    version: versionOf(ort),
    async prepare(product, a, b) {
      const { M, N, K, transposeA } = product
      const result = new Float32Array(M * N)
      const session = await ort.InferenceSession.create(gemmModel(product, b), sessionOptions(threads))
      const feeds = { A: new ort.Tensor('float32', a, transposeA ? [K, M] : [M, K]) }
      const fetches = { C: new ort.Tensor('float32', result, [M, N]) }
      return { run: () => session.run(feeds, fetches), result, release: () => session.release() }
    },
  }
}

/** A model of one Gemm node. */
function gemmModel({ M, N, K, transposeA, transposeB }: Product, b: Float32Array): Uint8Array {
  const flags = [attribute('transA', transposeA), attribute('transB', transposeB)]
  const node = message(1, text(1, 'A'), text(1, 'B'), text(2, 'C'), text(4, 'Gemm'), ...flags)
  return model(
    node,
    text(2, 'product'),
    initializer('B', b, transposeB ? [N, K] : [K, N]),
    valueInfo(11, 'A', 'float32', transposeA ? [K, M] : [M, K]),
    valueInfo(12, 'C', 'float32', [M, N]),
  )
}
