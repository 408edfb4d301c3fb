import type { Backend } from '../backend/index.ts'
import { DataError } from '../base/index.ts'
import { type Computation, createState, load, plan, type State } from '../compiler/index.ts'
import type { Batch } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { absolute, add, max, maximum, reshape, state, sum, type Tensor } from '../tensor/index.ts'
import { BLOCK_INPUT, type Block, type BlockShape, blockOf, type Site } from './block.ts'
import { fromStrips, gramStrips, stripWidth } from './gram.ts'

/** What calibration tells of the values that some matrices are multiplied with. */
export interface InputStatistics {
  /** Rows of x that were seen. */
  readonly tokens: number
  /** `[K, K]`: the mean of xᵀ·x, which is half the Hessian of a layer's squared output error. */
  readonly hessian: Float32Array
  /** `[K]`: the mean of |x| */
  readonly meanMagnitude: Float32Array
  /** `[K]`: the greatest |x| */
  readonly greatest: Float32Array
}

/** A block with its weights, and the statistics of what its matrices are multiplied with. */
export interface CalibratedBlock {
  readonly block: Block
  /** Values of the block's weights in their own shapes; the caller's to change. */
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly sites: readonly CalibratedSite[]
}

export interface CalibratedSite extends Site {
  readonly statistics: InputStatistics
}

export interface CalibrateOptions {
  readonly backend: Backend
  /** Precision of the model's products; f32 when not given. */
  readonly precision?: 'f32' | 'bf16'
  /**
   * Whether later blocks see what a block gives with its weights as the caller has left them, which costs a second pass.
   * Otherwise they see what the model itself gives.
   */
  readonly sequential?: boolean
  /** Asked between batches; the calibration ends with its reason. */
  readonly signal?: AbortSignal
  /** After each batch of a pass. */
  readonly onBatch?: () => void
}

/** A weight's values in its own shape. */
export type ReadWeight = (name: string) => Float32Array | Promise<Float32Array>

/**
 * Runs a model over batches, one block at a time: one block's weights are in memory, and the residual stream of all batches.
 *
 * @param read gives each weight when its block is reached
 * @param batches all of one shape
 * @throws DataError without batches, or when their shapes differ
 * Cost: a forward pass, two where blocks change, and N·K² FLOPs for each site of K inputs.
 *
 * @example
 * const data = await batches(validation, { batch: 2, tokens: 16 }).at(0)
 * const read = (name) => new Float32Array(sizeOf(model.weights[name].shape)).fill(1)
 * const { value } = await calibrate(model, read, [data], { backend }).next()
 * value.sites[0].statistics.tokens // 32
 */
export async function* calibrate(
  model: LanguageModel,
  read: ReadWeight,
  batches: readonly Batch[],
  { backend, precision, signal, onBatch, sequential = false }: CalibrateOptions,
): AsyncGenerator<CalibratedBlock> {
  const shape = shapeOfAll(batches)
  const streams: Float32Array[] = []
  for (let index = 0; index < model.cacheSize.layers; index++) {
    const block = blockOf(model, index, shape)
    const weights = new Map<string, Float32Array>()
    for (const name of block.weights) weights.set(name, (await read(name)).slice())
    const shared = createState(backend)
    const run = (computation: Computation, keep: boolean) =>
      runOver({ computation, batches, streams, weights, state: shared, precision, signal, onBatch, keep })
    try {
      const isLast = index === model.cacheSize.layers - 1
      const outputs: Record<string, Tensor> = sequential || isLast ? {} : { output: block.output }
      await run({ outputs, updates: block.sites.flatMap(statisticsUpdates) }, 'output' in outputs)
      const sites: CalibratedSite[] = []
      const tokens = batches.length * shape.batch * shape.tokens
      for (const [i, site] of block.sites.entries())
        sites.push({ ...site, statistics: await statisticsOf(shared, i, site, tokens) })
      yield { block, weights, sites }
      if (sequential && !isLast) await run({ outputs: { output: block.output } }, true)
    } finally {
      shared.release()
    }
  }
}

interface RunOptions extends Pick<CalibrateOptions, 'precision' | 'signal' | 'onBatch'> {
  readonly computation: Computation
  readonly batches: readonly Batch[]
  /** The residual stream before the block, a batch each; replaced by that after it when the outputs are kept. */
  readonly streams: Float32Array[]
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly state: State
  readonly keep: boolean
}

async function runOver(options: RunOptions): Promise<void> {
  const { computation, batches, streams, weights, state: shared, precision, signal, onBatch, keep } = options
  const program = load(plan(computation, { precision }), shared)
  try {
    for (const { name } of program.plan.states) {
      const values = weights.get(name)
      if (values !== undefined) shared.write(name, values)
    }
    for (const [i, { inputs: ids, documents }] of batches.entries()) {
      signal?.throwIfAborted()
      const { output } = await program.run({ ids, documents: documents!, [BLOCK_INPUT]: streams[i] })
      if (keep) streams[i] = output as Float32Array
      onBatch?.()
    }
  } finally {
    program.release()
  }
}

const stateName = (site: number, part: string) => `calibration.${site}.${part}`

function statisticsUpdates({ x, columns }: Site, site: number): [Tensor, Tensor][] {
  const rows = reshape(x, [-1, columns]) // [N, K]
  const sums = state(stateName(site, 'magnitudes'), [columns])
  const greatest = state(stateName(site, 'greatest'), [columns])
  return [
    [sums, add(sums, sum(absolute(rows), 0))],
    [greatest, maximum(greatest, max(absolute(rows), 0))],
    ...gramStrips(rows).map((strip, i): [Tensor, Tensor] => {
      const before = state(stateName(site, `gram.${i}`), strip.shape)
      return [before, add(strip, before)]
    }),
  ]
}

async function statisticsOf(from: State, site: number, { columns }: Site, tokens: number): Promise<InputStatistics> {
  const read = (part: string) => from.read(stateName(site, part)) as Promise<Float32Array>
  const strips = []
  for (let i = 0; i < columns / stripWidth(columns); i++) strips.push(await read(`gram.${i}`))
  return {
    tokens,
    hessian: fromStrips(strips, columns, tokens),
    meanMagnitude: (await read('magnitudes')).map((total) => total / tokens),
    greatest: await read('greatest'),
  }
}

function shapeOfAll(batches: readonly Batch[]): BlockShape {
  if (batches.length === 0)
    throw new DataError('calibrate: no batches were given; methods that look at inputs need some')
  const [{ batch, tokens, documents }] = batches
  const packed = documents !== undefined
  for (const each of batches) {
    if (each.batch === batch && each.tokens === tokens && (each.documents !== undefined) === packed) continue
    throw new DataError(
      `calibrate: batches must be of one shape, got ${batch} rows of ${tokens} tokens and ${each.batch} of ${each.tokens}`,
    )
  }
  return { batch, tokens, packed }
}
