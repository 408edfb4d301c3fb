import type { Shape } from '../base/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { stateWeights } from '../nn/index.ts'
import { input, type Tensor, traced } from '../tensor/index.ts'
import { type ChannelsOf, channelSource } from './foldings.ts'
import { graphOf, keyOf, productsOf, type WeightProduct } from './products-of.ts'

/** A matrix that a model multiplies with: its weight, and how that lies. */
export type Matrix = Omit<WeightProduct, 'x'>

/** Matrices that are multiplied with the same values. */
export interface Site {
  /** `[…, K]` */
  readonly x: Tensor
  /** K */
  readonly columns: number
  readonly matrices: readonly Matrix[]
  /** By which weights the channels of x can be scaled; undefined where nothing allows it. */
  readonly channels?: readonly ChannelsOf[]
}

/** One block cut out of a model, from the residual stream before it to that after it. */
export interface Block {
  readonly index: number
  /** Names of the weights that it reads, those of the embedding for the first. */
  readonly weights: readonly string[]
  /** `[B, T, C]`: the residual stream after it. */
  readonly output: Tensor
  readonly sites: readonly Site[]
}

export interface BlockShape {
  /** B */
  readonly batch: number
  /** T */
  readonly tokens: number
  /** Whether an input `documents` says which tokens belong together. */
  readonly packed: boolean
}

/** Input of a block's graph: the residual stream before it; the first block reads `ids` in its place. */
export const BLOCK_INPUT = 'residual'

/**
 * Writes the graph of block `index` of a model. The model must name what leaves a block `blocks.INDEX.residual`.
 *
 * @throws ConfigError when the model names no such value
 */
export function blockOf(model: LanguageModel, index: number, { batch, tokens, packed }: BlockShape): Block {
  const name = (block: number) => `blocks.${block}.residual`
  const shape: Shape = [batch, tokens, widthOf(model)]
  const documents = packed ? input('documents', [batch, tokens], 'i32') : undefined
  const { taps } = traced(
    () => model.features(stateWeights(model.weights), input('ids', [batch, tokens], 'i32'), { documents }),
    { taps: [name(index)], replace: index === 0 ? {} : { [name(index - 1)]: input(BLOCK_INPUT, shape) } },
  )
  const output = taps[name(index)]
  const graph = graphOf([output])
  const sites = new Map<string, WeightProduct[]>()
  for (const product of productsOf(graph)) {
    const key = keyOf(product.x)
    sites.set(key, [...(sites.get(key) ?? []), product])
  }
  const weights = graph.nodes.flatMap(({ source }) => (source?.kind === 'state' ? [source.name] : []))
  return {
    index,
    weights: [...new Set(weights)],
    output,
    sites: [...sites.values()].map((products) => ({
      x: products[0].x,
      columns: products[0].columns,
      matrices: products.map(({ x: _, ...matrix }) => matrix),
      channels: channelSource(graph, products[0].x),
    })),
  }
}

/** C: what the residual stream holds of a token. */
function widthOf(model: LanguageModel): number {
  const weights = stateWeights(model.weights)
  return model.features(weights, input('ids', [1, 1], 'i32')).shape[2]
}

/** Every matrix that a model multiplies with, the output embedding last. */
export function matricesOf(model: LanguageModel): Matrix[] {
  const weights = stateWeights(model.weights)
  const features = model.features(weights, input('ids', [1, 1], 'i32'))
  const found = new Map<string, Matrix>()
  for (const { x: _, ...matrix } of productsOf(graphOf([features]))) found.set(matrix.name, matrix)
  const head = model.head(weights)
  const { source } = head.node
  if (source?.kind === 'state') {
    const [rows, columns] = head.shape
    found.set(source.name, { name: source.name, rows, columns, transposed: false })
  }
  return [...found.values()]
}
