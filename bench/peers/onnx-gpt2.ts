import type { Gpt2Config } from '../../src/models/index.ts'
import {
  attribute,
  initializer,
  message,
  model,
  type OrtTensor,
  openOrt,
  sessionOptions,
  text,
  valueInfo,
  versionOf,
} from './onnx.ts'
import type { Missing } from './python.ts'

// GPT-2 as an ONNX graph of plain operators. Weights are inputs of the graph, under their published names.

export interface OnnxGpt2 {
  readonly version: string
  /**
   * @param weights by their published names
   * @param ids `[B, T]`
   * @returns `[B, T, V]`
   */
  logits(weights: ReadonlyMap<string, Weight>, ids: Int32Array): Promise<Float32Array>
  close(): Promise<void>
}

export interface Weight {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** The model for rows of one shape. */
export async function openOnnxGpt2(
  config: Gpt2Config,
  { batch, tokens }: { readonly batch: number; readonly tokens: number },
  shapes: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  threads: number,
): Promise<OnnxGpt2 | Missing> {
  const ort = await openOrt()
  if ('why' in ort) return ort
  const bytes = gpt2Model(config, batch, tokens, shapes)
  const session = await ort.InferenceSession.create(bytes, sessionOptions(threads))
  return {
    version: versionOf(ort),
    async logits(weights, ids) {
      const feeds: Record<string, OrtTensor> = {
        ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [batch, tokens]),
      }
      for (const [name, { values, shape }] of weights) feeds[name] = new ort.Tensor('float32', values, shape)
      return (await session.run(feeds)).logits.data
    },
    close: () => session.release(),
  }
}

function gpt2Model(
  { vocabSize, width, layers, heads }: Gpt2Config,
  batch: number,
  tokens: number,
  shapes: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): Uint8Array {
  const parts: Uint8Array[] = []
  let made = 0
  const next = () => `value${made++}`
  const node = (operator: string, inputs: readonly string[], attributes: Uint8Array[] = [], outputs = [next()]) => {
    const names = [...inputs.map((name) => text(1, name)), ...outputs.map((name) => text(2, name))]
    parts.push(message(1, ...names, text(4, operator), ...attributes))
    return outputs[0]
  }
  const constant = (values: Float32Array | BigInt64Array, dims: readonly number[]) => {
    const name = next()
    parts.push(initializer(name, values, dims))
    return name
  }
  const scalar = (value: number) => constant(Float32Array.of(value), [])
  const sizes = (...dims: number[]) => constant(BigInt64Array.from(dims, BigInt), [dims.length])
  const reshape = (x: string, ...dims: number[]) => node('Reshape', [x, sizes(...dims)])
  const transpose = (x: string, ...perm: number[]) => node('Transpose', [x], [attribute('perm', perm)])
  const dense = (x: string, name: string) => node('Add', [node('MatMul', [x, `${name}.weight`]), `${name}.bias`]) // matrices are [in, out]
  // The epsilon of LayerNormalization is 1e-5 and its axis the last when nothing is said.
  const norm = (x: string, name: string) => node('LayerNormalization', [x, `${name}.weight`, `${name}.bias`])
  const splitHeads = (x: string) => transpose(reshape(x, batch, tokens, heads, width / heads), 0, 2, 1, 3)

  /** Source: Hendrycks & Gimpel 2016, §2: the approximation by tanh. */
  function gelu(x: string): string {
    const cube = node('Mul', [node('Mul', [x, x]), x])
    const inside = node('Mul', [
      node('Add', [x, node('Mul', [cube, scalar(0.044715)])]),
      scalar(Math.sqrt(2 / Math.PI)),
    ])
    return node('Mul', [node('Mul', [x, scalar(0.5)]), node('Add', [node('Tanh', [inside]), scalar(1)])])
  }

  const places = constant(
    BigInt64Array.from({ length: tokens }, (_, t) => BigInt(t)),
    [tokens],
  )
  const mask = constant(
    Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e30 : 0)),
    [tokens, tokens],
  )
  let x = node('Add', [node('Gather', ['wte.weight', 'ids']), node('Gather', ['wpe.weight', places])])
  for (let i = 0; i < layers; i++) {
    const at = `h.${i}`
    const parts3 = [next(), next(), next()]
    node('Split', [dense(norm(x, `${at}.ln_1`), `${at}.attn.c_attn`)], [attribute('axis', 2)], parts3)
    const [q, k, v] = parts3.map(splitHeads) // [B, H, T, D]
    const products = node('MatMul', [q, transpose(k, 0, 1, 3, 2)])
    const scores = node('Add', [node('Mul', [products, scalar(1 / Math.sqrt(width / heads))]), mask])
    const mixed = transpose(node('MatMul', [node('Softmax', [scores]), v]), 0, 2, 1, 3) // [B, T, H, D]
    x = node('Add', [x, dense(reshape(mixed, batch, tokens, width), `${at}.attn.c_proj`)])
    const hidden = gelu(dense(norm(x, `${at}.ln_2`), `${at}.mlp.c_fc`))
    x = node('Add', [x, dense(hidden, `${at}.mlp.c_proj`)])
  }
  const rows = reshape(norm(x, 'ln_f'), batch * tokens, width)
  const flat = node('Gemm', [rows, 'wte.weight'], [attribute('transB', 1)])
  node('Reshape', [flat, sizes(batch, tokens, vocabSize)], [], ['logits'])
  return model(
    text(2, 'gpt2'),
    ...parts,
    valueInfo(11, 'ids', 'int64', [batch, tokens]),
    ...Object.entries(shapes).map(([name, { shape }]) => valueInfo(11, name, 'float32', shape)),
    valueInfo(12, 'logits', 'float32', [batch, tokens, vocabSize]),
  )
}
