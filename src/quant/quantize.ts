import type { Backend } from '../backend/index.ts'
import { ConfigError, concatenated, isPacked, type PackedDType, sizeOf, transposed } from '../base/index.ts'
import type { Batch } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { StoredWeight, StoredWeights } from '../nn/index.ts'
import { fromBytes, packRows, toBytes } from '../packing/index.ts'
import { type Assigned, assign } from './assign.ts'
import { awqFactors, type ChannelFactors, clipped } from './awq.ts'
import type { Matrix } from './block.ts'
import { type CalibratedBlock, type CalibratedSite, calibrate, type ReadWeight } from './calibrate.ts'
import { divideChannels } from './foldings.ts'
import { type GptqOptions, gptq } from './gptq.ts'
import { grids, hasGrid } from './grid.ts'
import { difference, outputError, squared } from './output-error.ts'
import { type Products, products } from './products.ts'
import { scaleColumns, scaledHessian } from './scale-columns.ts'
import { smoothFactors } from './smoothquant.ts'

export const methods = ['round', 'gptq', 'awq', 'smoothquant'] as const
export type Method = (typeof methods)[number]

export interface QuantizeOptions {
  readonly backend: Backend
  /** What matrices become. */
  readonly type: PackedDType
  /** Default `round`, which alone needs no batches. */
  readonly method?: Method
  /** What models read to show what their layers are given: all of one shape. */
  readonly batches?: readonly Batch[]
  /** Precision of the products of calibration. Default f32. */
  readonly precision?: 'f32' | 'bf16'
  /** Type of the embeddings; see {@link assign}. */
  readonly embeddings?: PackedDType
  readonly gptq?: GptqOptions
  readonly awq?: { readonly steps?: number; readonly clip?: boolean }
  /** α of SmoothQuant. Default 0.5. */
  readonly strength?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: QuantizeProgress) => void
}

export interface QuantizeProgress {
  readonly stage: 'calibrate' | 'quantize'
  readonly block: number
  readonly blocks: number
  /** Share of the whole, 0 to 1. */
  readonly share: number
}

/** What became of one matrix. */
export interface QuantizedLayer {
  readonly name: string
  readonly dtype: Assigned['dtype']
  /** ‖q − w‖² / ‖w‖², after factors were folded in. */
  readonly weightError: number
  /** Mean squared error of its outputs, relative to their mean square; where its inputs were looked at. */
  readonly outputError?: number
  /** The exponent of its channel factors, where it has some. */
  readonly exponent?: number
}

/** Weights in fewer bits. */
export interface QuantizedWeights {
  readonly stored: StoredWeights
  /** Every weight of the model, in file layout. */
  readonly bytes: ReadonlyMap<string, Uint8Array>
  readonly layers: readonly QuantizedLayer[]
  /** Matrices that got another type than asked for, since their rows are not whole blocks of it. */
  readonly fallbacks: readonly string[]
  readonly milliseconds: { readonly calibrate: number; readonly quantize: number }
}

/**
 * Stores a model's weights in fewer bits. `round` takes one weight at a time; the others take one block of layers at a
 * time, so that beside the result and the residual stream of the batches never more than a block is in memory.
 *
 * `gptq` rounds each column so that later ones make up for its errors, and later blocks see the outputs of quantized ones; types
 * that search for the scales of sub-blocks are rounded. `awq` and `smoothquant` scale input channels, fold the factors into the
 * weights before, and round.
 *
 * @param read gives a weight's values in the shape that the model means, when it is needed
 * @throws ConfigError when a method has no batches
 *
 * @example
 * const read = (name) => new Float32Array(sizeOf(model.weights[name].shape)).fill(1)
 * const { stored } = await quantize(model, read, { backend, type: 'int8' })
 * stored['model.layers.0.mlp.down_proj.weight'].dtype // 'int8'
 * stored['model.layers.0.mlp.up_proj.weight'].dtype // 'f16'; rows of 16 are no whole blocks of 32
 */
export async function quantize(
  model: LanguageModel,
  read: ReadWeight,
  options: QuantizeOptions,
): Promise<QuantizedWeights> {
  const { backend, type, method = 'round', batches = [], embeddings, precision, signal, onProgress } = options
  if (method !== 'round' && batches.length === 0) {
    throw new ConfigError(`quantize: ${method} looks at what layers are given: batches of tokens are needed`)
  }
  const assigned = new Map(assign(model, type, embeddings).map((each) => [each.name, each]))
  const result: Result = { stored: {}, bytes: new Map(), layers: [] }
  const blocks = model.cacheSize.layers
  const times = { calibrate: 0, quantize: 0 }
  let since = performance.now()
  const lap = (stage: keyof typeof times) => {
    times[stage] += performance.now() - since
    since = performance.now()
  }
  const engine = products(backend)
  try {
    if (batches.length > 0) {
      const sequential = method === 'gptq'
      const passes = (sequential ? 2 : 1) * batches.length
      let done = 0
      const onBatch = () => {
        done++
        const block = Math.min(blocks - 1, Math.floor(done / passes))
        onProgress?.({ stage: 'calibrate', block, blocks, share: done / (passes * blocks) })
      }
      for await (const block of calibrate(model, read, batches, { backend, precision, signal, sequential, onBatch })) {
        lap('calibrate')
        onProgress?.({ stage: 'quantize', block: block.block.index, blocks, share: done / (passes * blocks) })
        await quantizeBlock(block, model, assigned, options, engine, result)
        lap('quantize')
      }
    }
    const rest = [...assigned.values()].filter(({ name }) => !result.bytes.has(name))
    for (const [i, each] of rest.entries()) {
      signal?.throwIfAborted()
      onProgress?.({ stage: 'quantize', block: blocks, blocks, share: batches.length > 0 ? 1 : i / rest.length })
      keep(result, each, await read(each.name), model.weights[each.name].shape)
      // Others must be able to speak up between weights.
      await new Promise((resolve) => setTimeout(resolve))
    }
    lap('quantize')
  } finally {
    engine.release()
  }
  const fallbacks = [...assigned.values()].filter(({ isHidden, dtype }) => isHidden && dtype !== type)
  return { ...result, fallbacks: fallbacks.map(({ name }) => name), milliseconds: times }
}

interface Result {
  readonly stored: Record<string, StoredWeight>
  readonly bytes: Map<string, Uint8Array>
  readonly layers: QuantizedLayer[]
}

/** Rounds a weight to the nearest and keeps it; plain ones as they are. */
function keep(result: Result, each: Assigned, values: Float32Array, shape: readonly number[]): void {
  const { name, dtype, columns } = each
  if (dtype === 'f32') {
    result.bytes.set(name, toBytes('f32', values.slice(), columns))
    return
  }
  const rows = each.transposed ? transposed(values, shape[0], shape[1]) : values
  const packed = toBytes(dtype, rows, columns)
  const back = fromBytes(dtype, packed, columns)
  put(result, each, packed, { weightError: squared(difference(back, rows)) / squared(rows) })
}

function put(
  result: Result,
  { name, dtype, transposed: isTransposed }: Assigned,
  bytes: Uint8Array,
  errors: Omit<QuantizedLayer, 'name' | 'dtype'>,
): void {
  result.bytes.set(name, bytes)
  result.stored[name] = isTransposed ? { dtype, transposed: true } : { dtype }
  result.layers.push({ name, dtype, ...errors })
}

async function quantizeBlock(
  { weights, sites, block }: CalibratedBlock,
  model: LanguageModel,
  assigned: ReadonlyMap<string, Assigned>,
  options: QuantizeOptions,
  engine: Products,
  result: Result,
): Promise<void> {
  const { method = 'round' } = options
  // All factors first: those of one site are folded into the matrices of another.
  const factors = new Map<CalibratedSite, ChannelFactors>()
  for (const site of sites) {
    const found = await factorsOf(site, weights, model, assigned, options, engine)
    if (found === undefined) continue
    factors.set(site, found)
    for (const matrix of site.matrices) {
      const rows = scaleColumns(rowsOf(matrix, weights), found.factors)
      weights.get(matrix.name)!.set(inOwnShape(matrix, rows))
    }
    for (const channels of site.channels!) {
      divideChannels(weights.get(channels.name)!, model.weights[channels.name].shape, channels, found.factors)
    }
  }
  for (const site of sites) {
    const { factors: scale, exponent } = factors.get(site) ?? {}
    const hessian = scale === undefined ? site.statistics.hessian : scaledHessian(site.statistics.hessian, scale)
    const rows = concatenated(
      Float32Array,
      site.matrices.map((matrix) => rowsOf(matrix, weights)),
    )
    const { dtype } = assigned.get(site.matrices[0].name)!
    if (!isPacked(dtype)) continue
    const packed =
      method === 'gptq' && hasGrid(dtype)
        ? await gptq(rows, hessian, grids[dtype], engine, options.gptq)
        : packRows(
            dtype,
            method === 'awq' && options.awq?.clip !== false ? clipped(rows, hessian, dtype) : rows,
            site.columns,
          )
    let first = 0
    for (const matrix of site.matrices) {
      const bytes = (packed.length / (rows.length / site.columns)) * matrix.rows
      const own = packed.slice(first, first + bytes)
      first += bytes
      const before = rowsOf(matrix, weights)
      const after = fromBytes(dtype, own, site.columns)
      const off = difference(after, before)
      const error = await outputError(off, hessian, engine)
      const outputs = await outputError(before, hessian, engine)
      put(result, assigned.get(matrix.name)!, own, {
        weightError: squared(off) / squared(before),
        outputError: error / outputs,
        ...(exponent !== undefined && { exponent }),
      })
      if (method === 'gptq') weights.get(matrix.name)!.set(inOwnShape(matrix, after))
    }
  }
  // Vectors that took up factors.
  for (const name of block.weights) {
    if (!result.bytes.has(name) && assigned.get(name)!.dtype === 'f32')
      result.bytes.set(name, toBytes('f32', weights.get(name)!, 1))
  }
}

async function factorsOf(
  site: CalibratedSite,
  weights: ReadonlyMap<string, Float32Array>,
  model: LanguageModel,
  assigned: ReadonlyMap<string, Assigned>,
  { method, awq, strength }: QuantizeOptions,
  engine: Products,
): Promise<ChannelFactors | undefined> {
  const { channels, matrices, statistics } = site
  if (channels === undefined) return undefined
  const rows = () =>
    concatenated(
      Float32Array,
      matrices.map((matrix) => rowsOf(matrix, weights)),
    )
  const { dtype } = assigned.get(matrices[0].name)!
  if (method === 'awq' && isPacked(dtype)) return awqFactors(rows(), statistics, dtype, engine, awq)
  const areVectors = channels.every(({ name }) => model.weights[name].shape.length === 1)
  return method === 'smoothquant' && areVectors ? smoothFactors(rows(), statistics, strength) : undefined
}

/** `[N, K]` */
function rowsOf({ name, rows, columns, transposed: isTransposed }: Matrix, weights: ReadonlyMap<string, Float32Array>) {
  const values = weights.get(name)!
  return isTransposed ? transposed(values, columns, rows) : values
}

function inOwnShape({ rows, columns, transposed: isTransposed }: Matrix, values: Float32Array): Float32Array {
  return isTransposed ? transposed(values, rows, columns) : values
}

/**
 * Bits a weight that the stored weights take, all of them counted.
 *
 * @example
 * const bytes = new Map(Object.entries(model.weights).map(([name, { shape }]) => [name, new Uint8Array(sizeOf(shape))]))
 * bitsPerWeight(model, { bytes }) // 8
 */
export function bitsPerWeight(model: LanguageModel, { bytes }: Pick<QuantizedWeights, 'bytes'>): number {
  const weights = Object.values(model.weights).reduce((total, { shape }) => total + sizeOf(shape), 0)
  return (8 * [...bytes.values()].reduce((total, { length }) => total + length, 0)) / weights
}
